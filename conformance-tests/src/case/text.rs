//! TEXT: text bodies.

use anymq_api::{AckMode, BodyKind, Capability, Message};

use super::{Context, Passed, Verdict, travel::travel, values::TEXTS};

cases! {
    "TEXT-01" => exactly,
    "TEXT-02" => sizes,
}

async fn exactly(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    for (name, text) in TEXTS {
        let received = travel(context, &pair, Message::text(text)).await?;
        ensure_eq!(received.kind(), BodyKind::Text, "{name}");
        ensure_eq!(received.as_text(), Some(text), "{name}");
    }
    if !context.supports(Capability::TypedBodies) {
        return Ok(Passed::With(format!("{} texts", TEXTS.len())));
    }
    let received = travel(context, &pair, Message::empty()).await?;
    ensure_eq!(received.kind(), BodyKind::Empty, "no text at all");
    ensure_eq!(received.as_text(), None);
    Ok(Passed::With(format!("{} texts and none", TEXTS.len())))
}

async fn sizes(context: &Context) -> Verdict {
    const KB64: usize = 64 * 1024;
    const MB: usize = 1024 * 1024;
    /// What headers may take of a limit of the whole message.
    const HEADERS: u64 = 64 * 1024;
    let pair = context.pair(AckMode::Auto).await?;
    let limit = pair.connection.limits()?.max_message_size;
    let fits = |size: &usize| limit.is_none_or(|limit| *size as u64 + HEADERS <= limit);
    let all = [1, KB64 - 1, KB64, KB64 + 1, MB, 10 * MB];
    let sizes: Vec<_> = all.into_iter().filter(fits).collect();
    for &size in &sizes {
        let text = text_of_size(size);
        let received = travel(context, &pair, Message::text(text.clone())).await?;
        let got = received.as_text();
        // Too long to be shown.
        ensure!(
            got == Some(&text),
            "a text of {size} bytes comes as {:?}, of {:?} bytes",
            received.kind(),
            got.map(str::len)
        );
    }
    Ok(Passed::With(format!("up to {} bytes", sizes.last().unwrap_or(&0))))
}

/// A text of so many bytes, in which no two stretches are alike, with characters of every length.
fn text_of_size(size: usize) -> String {
    let mut text = String::with_capacity(size + 32);
    let mut number = 0_u32;
    while text.len() < size {
        text.push_str(&number.to_string());
        text.push_str("é€😀\n");
        number += 1;
    }
    let end = (0..=size).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text.truncate(end);
    while text.len() < size {
        text.push('.');
    }
    text
}
