//! HTML as text, for what is too much to be made node by node.

/// A piece of HTML. Only what stands in this program gets into it as it is; everything else is text.
#[derive(Debug, Default)]
pub struct Html(String);

impl Html {
    /// Appends HTML.
    pub fn raw(&mut self, html: &'static str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    /// Appends text, between elements or in a quoted attribute.
    pub fn text(&mut self, text: &str) -> &mut Self {
        let mut rest = text;
        while let Some((at, instead)) = rest.bytes().enumerate().find_map(escaped) {
            let (before, after) = rest.split_at(at);
            self.0.push_str(before);
            self.0.push_str(instead);
            // What is escaped is one byte long.
            rest = after.get(1..).unwrap_or_default();
        }
        self.0.push_str(rest);
        self
    }

    /// The whole.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// What stands for a byte that HTML would not take as text, and where that byte is.
fn escaped((at, byte): (usize, u8)) -> Option<(usize, &'static str)> {
    let instead = match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        b'\'' => "&#39;",
        _ => return None,
    };
    Some((at, instead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_ends_neither_an_element_nor_an_attribute() {
        let mut html = Html::default();
        html.raw("<a title=\"")
            .text("")
            .text("naïve \"><script>ü'&ø")
            .raw("\">");
        assert_eq!(
            html.into_string(),
            "<a title=\"naïve &quot;&gt;&lt;script&gt;ü&#39;&amp;ø\">"
        );
    }
}
