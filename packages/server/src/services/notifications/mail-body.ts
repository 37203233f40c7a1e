import type { Words } from './words.ts';

/** What a mail has beside its message. */
export interface MailFrame {
  /** Where its button leads. */
  readonly link: { readonly label: string; readonly url: string };
  /** Why it was sent. */
  readonly footer: string;
}

/** The plain text of a mail. */
export function mailText({ subject, summary, facts }: Words, { link, footer }: MailFrame): string {
  const width = Math.max(...facts.map(({ label }) => label.length)) + 2;
  const lines = facts.map(({ label, value }) => `${`${label}:`.padEnd(width)}${value}`);
  return [subject, '', summary, '', ...lines, '', `${link.label}: ${link.url}`, '', footer, ''].join('\n');
}

const SANS = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const DOT: Readonly<Record<Words['tone'], string>> = { bad: '#e5484d', good: '#30a46c', neutral: '#8b8d98' };

/**
 * The same as HTML. Mail programs know little: layout is by tables and styles are inline. Those that turn colours
 * round at night do it by themselves, or by the classes in the head; text and ground are given together everywhere,
 * so that neither is ever on the wrong one.
 */
export function mailHtml({ subject, summary, tone, facts }: Words, { link, footer }: MailFrame): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>
:root{color-scheme:light dark}
@media (prefers-color-scheme:dark){
.ground{background-color:#0a0a0a!important}
.card{background-color:#111111!important;border-color:#2a2a2a!important}
.strong{color:#ededed!important}
.soft{color:#a1a1a1!important}
.line{border-color:#2a2a2a!important}
.button{background-color:#ededed!important;color:#0a0a0a!important}
}
</style>
</head>
<body class="ground" style="margin:0;padding:0;background-color:#fafafa">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escapeHtml(summary)}${'&#847;&zwnj;&nbsp;'.repeat(40)}</div>
<table role="presentation" class="ground" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#fafafa">
<tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:520px">
<tr><td class="soft" style="${SANS};font-size:13px;line-height:20px;color:#6f6f6f;padding:0 0 12px 0">PocketProxy</td></tr>
<tr><td class="card" style="background-color:#ffffff;border:1px solid #eaeaea;border-radius:12px;padding:28px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td class="strong" style="${SANS};font-size:20px;line-height:28px;font-weight:600;color:#171717"><span style="color:${DOT[tone]}">&#9679;</span>&nbsp; ${escapeHtml(subject)}</td></tr>
<tr><td class="soft" style="${SANS};font-size:15px;line-height:24px;color:#525252;padding:8px 0 20px 0">${escapeHtml(summary)}</td></tr>
<tr><td>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
${facts.map(factRow).join('\n')}
</table>
</td></tr>
<tr><td class="line" style="border-top:1px solid #eaeaea;padding:24px 0 0 0">
<a class="button" href="${escapeHtml(link.url)}" style="display:inline-block;${SANS};font-size:14px;line-height:20px;font-weight:500;color:#ffffff;background-color:#171717;text-decoration:none;border-radius:8px;padding:10px 18px">${escapeHtml(link.label)}</a>
</td></tr>
</table>
</td></tr>
<tr><td class="soft" style="${SANS};font-size:12px;line-height:18px;color:#6f6f6f;padding:16px 4px 0 4px">${escapeHtml(footer)}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

function factRow({ label, value }: Words['facts'][number]): string {
  const cell = `${SANS};font-size:14px;line-height:20px;padding:10px 0;border-top:1px solid #eaeaea;vertical-align:top`;
  return `<tr><td class="soft line" width="40%" style="${cell};color:#6f6f6f">${escapeHtml(label)}</td><td class="strong line" style="${cell};color:#171717;word-break:break-word">${escapeHtml(value)}</td></tr>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
