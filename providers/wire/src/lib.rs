//! What the providers of anymq with a wire have in common: how bodies stand on it, what a dead letter says,
//! how many sends may be under way, and what stands for names that are too long.
//!
//! | body | on the wire | content type, unless the application chose one |
//! |---|---|---|
//! | none | nothing | none |
//! | text | UTF-8 | `text/plain` |
//! | bytes, object | as they are | `application/octet-stream` |
//! | map | a JSON object of values | `application/vnd.anymq.map+json` |
//! | stream | a JSON array of values | `application/vnd.anymq.stream+json` |
//!
//! A value is `{"type":"i32","value":7}`; the types are `bool`, `i8`, `i16`, `i32`, `i64`, `f32`, `f64`, `char`, `string`,
//! `bytes` and `null`. Numbers that JSON lacks are the texts `NaN`, `Infinity` and `-Infinity`; bytes are base64; null has no
//! value.

mod body;
mod dead_letter;
mod digest;
mod gate;
mod origin;
mod value;

pub use body::{natural_type, payload, read};
pub use dead_letter::dead_letter;
pub use digest::Digest;
pub use gate::{Gate, Pass};
pub use origin::{Local, Origin};
