/** Text as it stands in HTML, in an attribute too. */
function inHtml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replace(/[&<>"']/g, (sign) => names[sign] ?? sign)
}

/** Text as it stands in Markdown: every sign that CommonMark gives a meaning to is escaped, and a title has one line. */
function inMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[!-/:-@[-`{-~]/g, '\\$&')
}

/** What to put into a page or a README to show a timer's badge there, leading to the timer. `url` is that of its page, encoded. */
export function badgeSnippets(url: string, title: string): { markdown: string; html: string } {
  return {
    markdown: `[![${inMarkdown(title)}](${url}/badge.svg)](${url})`,
    html: `<a href="${inHtml(url)}"><img src="${inHtml(url)}/badge.svg" alt="${inHtml(title)}"></a>`,
  }
}
