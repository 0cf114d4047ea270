// The way to the policies that say why somebody may not decide an item.

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";

export function WhyNot({ id }: { readonly id: string }) {
  return (
    <Anchor component={Link} inherit underline="always" to={`/access?item=${id}&action=work.decide`}>
      Why can’t I decide this?
    </Anchor>
  );
}
