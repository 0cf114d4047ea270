// The room of rows that are not in the page just now.

export function Gap({ px }: { readonly px: number }) {
  return px > 0 ? (
    <tr aria-hidden>
      <td style={{ height: px, padding: 0 }} />
    </tr>
  ) : null;
}
