/** How many sub-resources the big page has. */
export const PAGE_RESOURCES = 200;

const KINDS = ['script', 'style', 'image', 'fetch'] as const;
type Kind = (typeof KINDS)[number];

function kindOf(index: number): Kind {
  return KINDS[index % KINDS.length]!;
}

/**
 * A page of scripts, style sheets, images and fetches. `window.loaded` collects the number of each one whose content
 * was right; `window.failed` the others.
 */
export function bigPage(): string {
  const tags = Array.from({ length: PAGE_RESOURCES }, (_, index) => tag(index)).join('\n');
  return `<!doctype html><meta charset="utf-8"><title>Big page</title>
<script>
window.loaded = []; window.failed = [];
const ok = (i) => window.loaded.push(i), bad = (i) => window.failed.push(i);
const styled = (i) => getComputedStyle(document.documentElement).getPropertyValue('--r' + i) === String(i) ? ok(i) : bad(i);
const sized = (i, image) => image.naturalWidth === i + 1 ? ok(i) : bad(i);
const fetched = (i) => fetch('/resource/' + i).then((r) => r.text()).then((t) => t === 'resource ' + i ? ok(i) : bad(i), () => bad(i));
</script>
${tags}`;
}

function tag(index: number): string {
  switch (kindOf(index)) {
    case 'script':
      return `<script async src="/resource/${index}" onerror="bad(${index})"></script>`;
    case 'style':
      return `<link rel="stylesheet" href="/resource/${index}" onload="styled(${index})" onerror="bad(${index})">`;
    case 'image':
      return `<img src="/resource/${index}" onload="sized(${index}, this)" onerror="bad(${index})">`;
    case 'fetch':
      return `<script>fetched(${index})</script>`;
  }
}

/** One sub-resource of the page. */
export function pageResource(index: number): { readonly type: string; readonly body: string } {
  switch (kindOf(index)) {
    case 'script':
      return { type: 'text/javascript', body: `ok(${index});` };
    case 'style':
      return { type: 'text/css', body: `:root { --r${index}: ${index}; }` };
    case 'image':
      return {
        type: 'image/svg+xml',
        body: `<svg xmlns="http://www.w3.org/2000/svg" width="${index + 1}" height="2"/>`,
      };
    case 'fetch':
      return { type: 'text/plain', body: `resource ${index}` };
  }
}
