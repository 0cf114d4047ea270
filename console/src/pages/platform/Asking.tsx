// The form that asks why somebody may or may not do something. What is asked stands in the address, so a link can ask it.

import { Button, Checkbox, Group, MultiSelect, Select, Stack, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { type RefObject, useState } from "react";
import { useExplanation } from "../../api/access.ts";
import { problemOf } from "../../api/problem.ts";
import { useSession } from "../../shell/session.tsx";
import { Failed } from "../../states/States.tsx";
import { domainWord, roleWord } from "../../words/deeds.ts";
import { mayWord } from "../../words/looks.ts";
import { purposeWord } from "../../words/purposes.ts";
import { Explained } from "./Explained.tsx";
import { type Asked, askedBy, type Form, formOf, isOfDomain, NO_PURPOSE, questionOf } from "./question.ts";

const route = getRouteApi("/access");

type Known = {
  readonly actions: readonly { readonly name: string; readonly about: string }[];
  readonly roles: readonly string[];
  readonly purposes: readonly string[];
  readonly domains: readonly string[];
};

/** The form as the address fills it in and somebody changes it; what they changed goes when another address is asked. */
function useForm() {
  const { person } = useSession();
  const asked: Asked = route.useSearch();
  const [changed, setChanged] = useState<{ readonly of: Asked; readonly to: Partial<Form> }>({ of: asked, to: {} });
  const changes = changed.of === asked ? changed.to : {};
  const given = formOf(asked, person);
  return {
    given,
    isAsked: Object.keys(asked).length > 0,
    form: { ...given, ...changes },
    change: (more: Partial<Form>) => setChanged({ of: asked, to: { ...changes, ...more } }),
  };
}

export function Asking({ who, ...known }: Known & { readonly who: RefObject<HTMLInputElement | null> }) {
  const navigate = route.useNavigate();
  const { given, isAsked, form, change } = useForm();
  const aboutOf = (action: string) => known.actions.find(({ name }) => name === action)?.about;
  const question = questionOf(given, aboutOf(given.action));
  const explanation = useExplanation(isAsked ? question : undefined);
  const ask = () => {
    const isSame = JSON.stringify(questionOf(form, aboutOf(form.action))) === JSON.stringify(question);
    if (isAsked && isSame) void explanation.refetch();
    else void navigate({ search: askedBy(form) });
  };
  return (
    <Stack gap="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <Fields known={known} form={form} about={aboutOf(form.action)} change={change} who={who} />
        <Button type="submit" mt="md" loading={explanation.isFetching} disabled={form.who.trim() === ""}>
          Ask
        </Button>
      </form>
      {explanation.isError && <Failed problem={problemOf(explanation.error)} />}
      {explanation.isSuccess && <Explained explanation={explanation.data} action={given.action} />}
    </Stack>
  );
}

function Fields({
  known: { actions, roles, purposes, domains },
  form,
  about,
  change,
  who,
}: {
  readonly known: Known;
  readonly form: Form;
  readonly about: string | undefined;
  readonly change: (more: Partial<Form>) => void;
  readonly who: RefObject<HTMLInputElement | null>;
}) {
  const hasItem = about === "workItem" && form.item.trim() !== "";
  return (
    <Stack gap="sm" maw={760}>
      <Group grow align="start">
        <TextInput
          ref={who}
          label="Who"
          description="As the audit names them"
          value={form.who}
          onChange={(event) => change({ who: event.currentTarget.value })}
          spellCheck={false}
          required
        />
        <MultiSelect
          label="Roles"
          description="Leave it empty to take those they signed in with last"
          data={roles.map((value) => ({ value, label: roleWord(value) }))}
          value={[...form.roles]}
          onChange={(chosen) => change({ roles: chosen })}
          clearable
          clearButtonProps={{ "aria-label": "No roles" }}
        />
      </Group>
      <Group grow align="start">
        <Select
          label="What they would do"
          data={actions.map(({ name }) => ({ value: name, label: mayWord(name) }))}
          value={form.action}
          onChange={(action) => action && change({ action })}
          allowDeselect={false}
          searchable
          nothingFoundMessage="There is nothing of that name"
        />
        <Select
          label="For what purpose"
          data={[...purposes, NO_PURPOSE].map((value) => ({ value, label: purposeWord(value) }))}
          value={form.purpose}
          onChange={(purpose) => purpose && change({ purpose })}
          allowDeselect={false}
        />
      </Group>
      {isOfDomain(about) && (
        <Group grow align="start">
          <Select
            label="Domain"
            description="Whose work it is"
            data={domains.map((value) => ({ value, label: domainWord(value) }))}
            value={form.domain}
            onChange={(domain) => domain && change({ domain })}
            allowDeselect={false}
            disabled={hasItem}
          />
          {about === "workItem" && (
            <TextInput
              label="Work item"
              description="Its id; then who proposed and chose is looked up"
              value={form.item}
              onChange={(event) => change({ item: event.currentTarget.value })}
              spellCheck={false}
            />
          )}
        </Group>
      )}
      <Group>
        <Checkbox
          label="They would give a reason in words"
          checked={form.withReason}
          onChange={(event) => change({ withReason: event.currentTarget.checked })}
        />
        <Checkbox
          label="They signed in with a second factor"
          checked={form.secondFactor}
          onChange={(event) => change({ secondFactor: event.currentTarget.checked })}
        />
      </Group>
    </Stack>
  );
}
