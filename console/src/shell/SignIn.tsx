// What nobody in particular sees: where to sign in.

import { Button, Center, Paper, Stack, Text, Title } from "@mantine/core";

export function SignIn({ isLocked }: { readonly isLocked: boolean }) {
  const here = `${window.location.pathname}${window.location.search}`;
  return (
    <Center mih="100vh" component="main">
      <Paper withBorder p="xl" maw={420}>
        <Stack>
          <Title order={1} size="h2">
            Lockgate
          </Title>
          <Text>
            {isLocked
              ? "You were signed out because nobody was at work here for a while. What you had not sent is lost."
              : "Sign in with your organisation's account. You are signed out after a while without use."}
          </Text>
          <Button component="a" href={`/auth/sign-in?return=${encodeURIComponent(here)}`}>
            Sign in
          </Button>
        </Stack>
      </Paper>
    </Center>
  );
}
