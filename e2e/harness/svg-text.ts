/** What stands for `text` inside an element of an SVG (XML 1.0, section 2.4). */
export function svgText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
