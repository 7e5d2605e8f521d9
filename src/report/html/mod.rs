//! `index.html`: the whole report on one page that needs nothing else: no network, no script.
//!
//! Charts are part of the page and take their colours from CSS variables, so the page is light or dark as
//! the reader's system is. It obeys a content security policy that forbids everything but its own style
//! and fonts.

mod sections;

use crate::experiment::results::Results;
use crate::report::base64;
use crate::report::chart::Chart;
use crate::report::draw::canvas::escaped;
use crate::report::draw::theme;

const PAGE: &str = include_str!("page.html");
const CSS: &str = include_str!("page.css");
const FONTS: [(u32, &[u8]); 2] = [
    (400, include_bytes!("../../../assets/fonts/noto-sans-regular.woff2")),
    (600, include_bytes!("../../../assets/fonts/noto-sans-semibold.woff2")),
];

/// The page for these results, with these charts of them and the scenario as it was written.
pub fn index_html(results: &Results, charts: &[Chart], scenario_text: &str) -> String {
    let mut body = String::new();
    sections::head(&mut body, results);
    sections::findings(&mut body, charts);
    sections::verdicts(&mut body, results);
    sections::groups(&mut body, results);
    sections::comparisons(&mut body, results);
    sections::sweep(&mut body, results);
    sections::figures(&mut body, charts);
    sections::stories(&mut body, results);
    sections::words(&mut body);
    sections::provenance(&mut body, results, scenario_text);
    framed(&results.title, &body)
}

/// A page with this title and body, with the style and fonts that all pages share.
pub(crate) fn framed(title: &str, body: &str) -> String {
    // The body comes last, so that nothing in it can be taken for a placeholder.
    PAGE.replace("{{version}}", env!("CARGO_PKG_VERSION"))
        .replace("{{title}}", &escaped(title).replace("{{", "{&#123;"))
        .replace("{{style}}", &style())
        .replacen("{{body}}", body, 1)
}

fn style() -> String {
    let (light, dark) = theme::variables();
    let mut style = String::new();
    for (weight, font) in FONTS {
        style += &format!(
            "@font-face{{font-family:\"Noto Sans\";font-weight:{weight};\
             src:url(data:font/woff2;base64,{}) format(\"woff2\")}}\n",
            base64::encoded(font)
        );
    }
    style + &format!(":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n") + CSS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{charts, fixture};

    fn page(results: &Results, scenario: &str) -> String {
        index_html(results, &charts(results), scenario)
    }

    #[test]
    fn the_page_needs_nothing_from_outside() {
        let page = page(&fixture::results(), "title = \"x\"");
        for outside in ["http://", "https://", "src=\"", "<script", "<link", "@import", " style=\""] {
            let allowed = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!allowed.contains(outside), "{outside}");
        }
        assert!(!page.contains("{{"), "every placeholder is filled");
    }

    #[test]
    fn warnings_come_before_any_number() {
        let page = page(&fixture::results(), "");
        let warning = page.find("W101").expect("shown");
        assert!(warning < page.find("<table").expect("tables"));
    }

    #[test]
    fn what_the_user_wrote_is_text_and_not_markup() {
        let mut results = fixture::broken();
        results.question = Some("<script>alert(1)</script> {{body}}".into());
        results.variants[0].name = "<b>bold</b>".into();
        results.groups[0] = "\"><img src=x>".into();
        let page = page(&results, "a = \"</pre><script>\" # {{style}}");
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>bold"));
        assert!(page.contains("&lt;script&gt;alert(1)"));
    }

    #[test]
    fn differences_come_with_the_rule_of_their_intervals() {
        let rule = "(Bonferroni: each at 98.33 %)";
        let text = page(&fixture::results(), "");
        let at = text.find(rule).expect("three variants are three pairs");
        assert!(at > text.find("How the variants compare").expect("a heading"));
        let mut alone = fixture::results();
        alone.differences.clear();
        assert!(!page(&alone, "").contains("Bonferroni"), "nothing is compared");
    }

    #[test]
    fn the_way_back_has_everything_that_was_given() {
        let mut results = fixture::results();
        let set = [("group.billing.consumers", "8"), ("title", "a <b> 'c'")];
        results.overrides.set = set.map(|(path, value)| (path.to_owned(), value.to_owned())).to_vec();
        results.overrides.seed = Some(7);
        let page = page(&results, "");
        let command = "laglab run 02-delivery-semantics.toml --set group.billing.consumers=8 \
                       --set 'title=a &lt;b&gt; '\\''c'\\''' --seed 7</code>";
        assert!(page.contains(command), "{}", &page[page.find("laglab run").unwrap_or(0)..][..300]);
    }

    #[test]
    fn every_chart_can_be_reached_and_read() {
        let results = fixture::results();
        let charts = charts(&results);
        let page = index_html(&results, &charts, "");
        for c in &charts {
            assert!(page.contains(&format!("href=\"#{}\"", c.file_stem)), "{}", c.file_stem);
            assert!(page.contains(&format!("<figure id=\"{}\">", c.file_stem)), "{}", c.file_stem);
        }
        assert_eq!(page.matches("<svg ").count(), charts.len());
        assert!(!page.contains("fill=\"#1F2430\""), "colours are variables");
    }
}
