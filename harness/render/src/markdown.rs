//! A document as Markdown, for code reviews, issues and wikis.

use shardproof_document::{Block, Detail, Document, Table, Tone, Value};

/// Renders the document, without pictures.
#[must_use]
pub(crate) fn render(document: &Document<'_>) -> String {
    let mut text = format!("# {}\n\n", inline(&document.title));
    document.facts.iter().for_each(|fact| text += &format!("- {}\n", inline(fact)));
    for section in document.sections.iter().filter(|section| section.detail <= Detail::Pages) {
        let mut body = String::new();
        for block in &section.blocks {
            match block {
                Block::Table(one) if one.detail <= Detail::Pages => table(&mut body, one),
                Block::Notes(notes) => {
                    body.push('\n');
                    notes.iter().for_each(|note| body += &format!("- {}\n", inline(&note.text)));
                }
                Block::Missing(what, command) => {
                    body += &format!("\n{} Run {}.\n", inline(what), code(command));
                }
                Block::Table(_) | Block::Figure(_) => {}
            }
        }
        if !body.is_empty() {
            text += &format!("\n## {}\n", inline(section.title));
            section.prose.iter().for_each(|words| text += &format!("\n{}\n", inline(words)));
            text += &body;
        }
    }
    text
}

fn table(text: &mut String, table: &Table<'_>) {
    // Markdown has no row groups: group columns are shown like others.
    let groups =
        table.shown(Detail::Pages).filter(|it| it.role == shardproof_document::Role::Group);
    let columns: Vec<_> = groups.chain(table.visible_columns(Detail::Pages)).collect();
    let headings = columns.iter().map(|column| {
        let unit = table.unit_name(column);
        let unit = if unit.is_empty() { String::new() } else { format!(" ({unit})") };
        inline(&column.heading) + &unit
    });
    let headings: Vec<String> = headings.collect();
    let rules: Vec<&str> = columns
        .iter()
        .map(|column| if table.value(column, 0).is_text() { "---" } else { "---:" })
        .collect();
    *text += &format!(
        "\n{}:\n\n| {} |\n| {} |\n",
        inline(&table.caption),
        headings.join(" | "),
        rules.join(" | ")
    );
    for row in table.rows(Detail::Pages) {
        let cells = table.cells(&columns, row).into_iter().map(|(value, text)| match value {
            Value::Code(text) => code(&text),
            Value::Judged(Tone::Bad, _) => format!("**{}**", inline(&text)),
            _ => inline(&text),
        });
        *text += &format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
    }
}

/// Escapes text so that it stays on one line and nothing in it is markup.
fn inline(text: &str) -> String {
    let mut inline = String::with_capacity(text.len());
    for letter in crate::terminal::clean(text).chars() {
        if "|*_`<>&[]\\#~".contains(letter) {
            inline.push('\\');
        }
        inline.push(letter);
    }
    inline
}

/// A code span; backticks and bars within it would end it.
fn code(text: &str) -> String {
    format!("`{}`", crate::terminal::clean(text).replace('`', "'").replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_a_cell_is_never_markup() {
        assert_eq!(inline("a|b\nc\u{1b}"), "a\\|b c\u{fffd}");
        assert_eq!(inline("<b>*x*_y_`z`&amp;"), "\\<b\\>\\*x\\*\\_y\\_\\`z\\`\\&amp;");
        assert_eq!(code("a`|b"), "`a'\\|b`");
    }
}
