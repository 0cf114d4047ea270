// What tests ask of a page from within: what has the focus, what is cut off, and what moves.

globalThis.looking = {};

/** What has the focus: what it is called, about; whether that can be seen; whether it comes after what had it when this was asked last. */
globalThis.looking.focused = () => {
  const element = document.activeElement;
  const before = globalThis.lastFocused;
  globalThis.lastFocused = element;
  const labelledBy = (element.getAttribute("aria-labelledby") ?? "").split(" ");
  const labelled = labelledBy.map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  const name =
    element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? (labelled.trim() || element.textContent);
  // Controls drawn by their neighbours show the focus there.
  const drawn = [
    element,
    ...(element.type === "radio" || element.type === "checkbox" ? element.parentElement.children : []),
  ];
  const isOutlined = drawn.some((one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
  });
  const box = element.getBoundingClientRect();
  const isInSight = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const follows = (one, other) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) > 0;
  return {
    name: name.trim().replaceAll(/\s+/g, " "),
    href: element.getAttribute("href") ?? "",
    tag: element.tagName.toLowerCase(),
    isShown: isOutlined && isInSight,
    isAfter: !before?.isConnected || before === element || before === document.body || follows(before, element),
    isInDialog: element.closest('[role="dialog"]') !== null,
  };
};

/** What is wider than the window, or cut off within its own box, one line each. What can be scrolled within the page is not cut off. */
globalThis.looking.cutOff = () => {
  const { clientWidth, scrollWidth } = document.documentElement;
  const isWide = scrollWidth > clientWidth ? [`the page is ${scrollWidth} wide`] : [];
  const texts = [...document.querySelectorAll("body *")].filter(
    (one) =>
      [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "") &&
      !one.closest(".visually-hidden, .skip-link, svg") &&
      one.checkVisibility({ visibilityProperty: true }),
  );
  const isCut = (one) => {
    const { overflowX } = getComputedStyle(one);
    const isClipped = /hidden|clip/.test(overflowX) && one.scrollWidth > one.clientWidth + 1;
    let holder = one.parentElement;
    while (holder && !/auto|scroll/.test(getComputedStyle(holder).overflowX)) holder = holder.parentElement;
    const { left, right } = one.getBoundingClientRect();
    return isClipped || (!holder && (right > clientWidth + 1 || left < -1));
  };
  return [...isWide, ...texts.filter(isCut).map((one) => `${one.tagName}: ${one.textContent.trim().slice(0, 60)}`)];
};

/** What runs by itself, or takes its time to change, one line each. */
globalThis.looking.moving = () => {
  const running = document.getAnimations().filter(({ playState }) => playState === "running");
  const longest = (durations) => Math.max(...durations.split(",").map(Number.parseFloat));
  const slow = [...document.querySelectorAll("body, body *")].flatMap((one) =>
    ["", "::before", "::after"].flatMap((part) => {
      const style = getComputedStyle(one, part || null);
      const animationS = style.animationName === "none" ? 0 : longest(style.animationDuration);
      const transitionS = style.transitionProperty === "none" ? 0 : longest(style.transitionDuration);
      const takesS = Math.max(animationS, transitionS);
      return takesS > 0.01 ? [`${one.tagName}${part} ${one.getAttribute("class")} takes ${takesS} s`] : [];
    }),
  );
  return [...running.map(({ effect }) => `${effect.target?.getAttribute("class")} runs`), ...slow];
};
