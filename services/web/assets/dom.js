// Elements, shortly.
export const $ = (id) => document.getElementById(id);

/** A new element: properties where the element has them, attributes otherwise. */
export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key in element && key !== 'list') element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ''));
  return element;
}

/** Shows a sentence in a line, or hides the line. */
export function say(line, text) {
  line.hidden = !text;
  line.textContent = text ?? '';
}
