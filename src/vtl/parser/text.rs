//! Everything in a template that is not VTL: text, comments, escapes.

use super::super::token::Kind;
use super::tokens::{Nodes, Parsed, Parser};

impl Parser<'_, '_> {
    /// A statement that only prints.
    pub(super) fn text_statement(&mut self, kind: Kind, nodes: &mut Nodes) -> Parsed<()> {
        let first = self.at;
        match kind {
            Kind::DoubleEscape => return self.escapes(nodes),
            Kind::LineCommentStart => {
                self.at += 1;
                self.skip(Kind::LineCommentEnd)?;
                nodes.push_text(before_comment(self.image(first)));
            }
            Kind::CommentEnd | Kind::FormalCommentEnd => {
                self.at += 1;
                nodes.push_text(before_comment(self.image(first)));
            }
            Kind::TextBlock => {
                self.at += 1;
                let image = self.image(first);
                // Velocity cuts three characters off both ends, whatever they are.
                let begin = image.char_indices().nth(3).map_or(image.len(), |(n, _)| n);
                nodes.push_text(image.get(begin..image.len() - 3).unwrap_or_default());
            }
            Kind::EscapeDirective => {
                self.at += 1;
                let text = self.escaped_directive(first);
                nodes.push_text(&text);
                self.tokens[first].image = Some(text);
            }
            Kind::Text
            | Kind::Dot
            | Kind::ParenClose
            | Kind::ParenOpen
            | Kind::Integer
            | Kind::Float
            | Kind::Quoted
            | Kind::Escape
            | Kind::CurlyOpen
            | Kind::CurlyClose
            | Kind::EmptyIndex => {
                self.at += 1;
                let mut text = String::new();
                self.push_literal(first, &mut text);
                nodes.push_text(&text);
            }
            _ => return Err(self.unexpected("text, a reference or a directive")),
        }
        Ok(())
    }

    /// Pairs of backslashes: they are halved before a directive only.
    fn escapes(&mut self, nodes: &mut Nodes) -> Parsed<()> {
        let mut pairs = 0;
        while self.skip(Kind::DoubleEscape)? {
            pairs += 1;
        }
        let control = match self.peek()? {
            Kind::If | Kind::Else | Kind::ElseIf | Kind::End => true,
            Kind::Eof => false,
            _ => {
                let mut chars = self.image(self.at).chars();
                chars.next();
                self.macros.is_escapable(chars.as_str())
            }
        };
        nodes.push_text(&"\\".repeat(if control { pairs } else { pairs * 2 }));
        Ok(())
    }

    /// `\#if` loses its backslash when the directive exists, `\#foo` keeps it when it doesn't.
    fn escaped_directive(&self, index: usize) -> String {
        let image = self.image(index);
        let last = image.rfind('\\').unwrap_or_default();
        let directive = &image[last + 1..];
        let name = directive[1..].trim_start_matches('{').trim_end_matches('}');
        if self.macros.is_escapable(name) || matches!(name, "if" | "end" | "set" | "else" | "elseif") {
            format!("{}{directive}", &image[..last / 2])
        } else {
            image.to_owned()
        }
    }

    /// A token as written, with what is left of the failed references and directives before it.
    pub(super) fn push_literal(&self, index: usize, text: &mut String) {
        let token = &self.tokens[index];
        if token.kind == Kind::CommentEnd {
            return;
        }
        if let Some((begin, end)) = token.special.last()
            && !self.source[*begin..*end].starts_with("##")
        {
            for (begin, end) in &token.special {
                push_special(&self.source[*begin..*end], text);
            }
        }
        text.push_str(self.image(index));
    }
}

/// Of a special token only `#`, `$` and the backslashes before a `$` are left.
fn push_special(image: &str, text: &mut String) {
    let bytes = image.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'#' | b'$' => text.push(char::from(bytes[at])),
            b'\\' => {
                let slashes = bytes[at..].iter().take_while(|b| **b == b'\\').count();
                if bytes.get(at + slashes) == Some(&b'$') {
                    text.push_str(&image[at..=at + slashes]);
                    // As the original: the character after the `$` is passed over as well.
                    at += slashes + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// What a comment's token carries before the comment.
fn before_comment(image: &str) -> &str {
    match image.find("##").or_else(|| image.find("#*")) {
        Some(begin) => &image[..begin],
        None => "",
    }
}
