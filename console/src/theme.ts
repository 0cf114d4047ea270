// Colours and controls: the NHS identity's palette, with contrast of at least 4.5 to 1 in light and dark.

import {
  Badge,
  type CSSVariablesResolver,
  createTheme,
  Loader,
  type MantineColorsTuple,
  Modal,
  Table,
} from "@mantine/core";

// The identity's colour stands at 6 (light) and 5 (dark); the others lead to white and to black.
const blue: MantineColorsTuple = [
  "#e8f2fb",
  "#cce0f5",
  "#99c4ec",
  "#66a8e2",
  "#4d9de0",
  "#0072ce",
  "#005eb8",
  "#004b93",
  "#003d78",
  "#003087",
];
const green: MantineColorsTuple = [
  "#e6f4ec",
  "#c9e8d5",
  "#97d3ad",
  "#62bd84",
  "#3aac66",
  "#009639",
  "#007f3b",
  "#006b32",
  "#005729",
  "#00401e",
];
const red: MantineColorsTuple = [
  "#fdecea",
  "#f9d2ce",
  "#f0a49d",
  "#e8776c",
  "#e25c4f",
  "#da3b2b",
  "#d5281b",
  "#b51f14",
  "#94180f",
  "#6e120b",
];
const amber: MantineColorsTuple = [
  "#fff7e0",
  "#ffedb8",
  "#ffdd80",
  "#ffcc4d",
  "#ffb81c",
  "#e6a200",
  "#a86f00",
  "#8a5b00",
  "#6b4700",
  "#4d3300",
];

export const theme = createTheme({
  primaryColor: "blue",
  primaryShade: { light: 6, dark: 5 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  colors: { blue, green, red, yellow: amber },
  fontFamily: "Arial, Helvetica, system-ui, sans-serif",
  headings: { fontFamily: "Arial, Helvetica, system-ui, sans-serif", fontWeight: "700" },
  defaultRadius: "sm",
  respectReducedMotion: true,
  components: {
    Badge: Badge.extend({
      defaultProps: { variant: "light", tt: "none" } as never,
      // A state that is cut short says nothing: what stands beside it gives way.
      styles: { root: { flexShrink: 0 }, label: { overflow: "visible" } },
    }),
    Loader: Loader.extend({ defaultProps: { type: "dots" } }),
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { "aria-label": "Close" } } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: "xs" } }),
  },
});

/** Quiet text that can still be read: the shipped greys fall short of 4.5 to 1. */
const quiet = (colour: string) => ({
  "--mantine-color-dimmed": colour,
  "--mantine-color-placeholder": colour,
});

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: quiet("#4c6272"),
  dark: quiet("#b3bdc4"),
});
