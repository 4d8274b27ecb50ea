//! `#[test]` as the project's harness wants it.

use proc_macro::{Delimiter, TokenStream, TokenTree};

/// Enters a function without arguments in the list that `tests/support/harness.rs` runs. As ever,
/// `#[ignore = "why"]` below it leaves the test to those who ask for it.
#[proc_macro_attribute]
pub fn test(_: TokenStream, item: TokenStream) -> TokenStream {
    let (mut kept, mut ignored, mut name) = (Vec::new(), "None".to_owned(), None);
    let mut tokens = item.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_attribute = matches!(&token, TokenTree::Punct(sign) if sign.as_char() == '#');
        if is_attribute && let Some(why) = tokens.peek().and_then(ignore) {
            ignored = format!("Some({why})");
            tokens.next();
            continue;
        }
        let is_fn = matches!(&token, TokenTree::Ident(word) if word.to_string() == "fn");
        if is_fn && name.is_none() {
            name = tokens.peek().map(ToString::to_string);
        }
        kept.push(token);
    }
    let Some(name) = name else {
        return "compile_error!(\"#[test] is for functions\");".parse().expect("it is Rust");
    };
    let entry = format!(
        "::inventory::submit! {{ crate::support::harness::Written {{
            name: concat!(module_path!(), \"::\", stringify!({name})),
            ignored: {ignored},
            run: {name},
        }} }}"
    );
    let mut out: TokenStream = kept.into_iter().collect();
    out.extend(entry.parse::<TokenStream>().expect("it is Rust"));
    out
}

/// The reason of an `[ignore = "why"]`, as a literal; an empty one of a bare `[ignore]`.
fn ignore(attribute: &TokenTree) -> Option<String> {
    let TokenTree::Group(group) = attribute else { return None };
    let mut words = group.stream().into_iter();
    let is_ignore = group.delimiter() == Delimiter::Bracket
        && words.next().is_some_and(|word| word.to_string() == "ignore");
    is_ignore.then(|| words.nth(1).map_or("\"\"".to_owned(), |why| why.to_string()))
}
