// The frame of every page: where one can go, who one is, and one box to find anything.

import { AppShell, Burger, Button, Group, Menu, NavLink, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useLive } from "../live/live.ts";
import { isOffered, placesFor } from "./places.ts";
import { SearchBox } from "./SearchBox.tsx";
import { signOut, useSession } from "./session.tsx";
import "./shell.css";

export function Shell() {
  useLive();
  const { roles } = useSession().person;
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const content = useRef<HTMLElement>(null);
  // The link that led here is gone with its page: whoever works by keyboard goes on at the beginning of this one.
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current !== path && document.activeElement === document.body)
      content.current?.focus({ preventScroll: true });
    shown.current = path;
  }, [path]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 200, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding="lg"
    >
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Menu"
              aria-expanded={isOpen}
            />
            <Text fw={700} component={Link} to="/" c="inherit" td="none">
              Lockgate
            </Text>
          </Group>
          {isOffered(roles, "/journeys") && <SearchBox />}
          <Person />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Places" className={isOpen ? "" : "closed-menu"}>
        {placesFor(roles).map(({ to, label }) => (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={label}
            onClick={close}
            active={to === "/" ? path === "/" : path.startsWith(to)}
            aria-current={(to === "/" ? path === "/" : path.startsWith(to)) ? "page" : undefined}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} ref={content}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

/** Who is signed in, in which roles, and the way out. */
function Person() {
  const session = useSession();
  const { name, roles } = session.person;
  const leave = async () => window.location.assign((await signOut(session)) ?? "/console/");
  return (
    <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button variant="subtle" color="gray" flex="none">
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {/* A menu holds items and nothing else, and stays within the head of the page. */}
        <Menu.Item disabled>{roles.join(", ")}</Menu.Item>
        <Menu.Item onClick={leave}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
