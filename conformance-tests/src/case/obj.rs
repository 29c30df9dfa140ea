//! OBJ: object bodies.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

use anymq_api::{
    AckMode, BodyKind, Capability, ErrorKind, Message, OBJECT_CONTENT_TYPE, ObjectLimits, Result as ApiResult,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};

use super::{Context, Failure, Pair, Passed, Verdict, expect_kind, local, travel::travel};

cases! {
    "OBJ-01" => by_value,
    "OBJ-02" => local(snapshot),
    "OBJ-03" => unreadable,
    "OBJ-04" => local(limits),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    guest: String,
    table: u8,
    note: Option<String>,
    drinks: Vec<Drink>,
    prices: BTreeMap<String, f64>,
    numbers: (i64, u64, f32, bool, char),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Drink {
    Water,
    Espresso { shots: u8 },
}

fn order() -> Order {
    Order {
        guest: "Zoë 😀 \0 \"q\" [{".into(),
        table: 7,
        note: None,
        drinks: vec![Drink::Water, Drink::Espresso { shots: 2 }],
        prices: [("water".into(), 0.1), ("espresso".into(), 1e300)].into(),
        numbers: (i64::MIN, u64::MAX, 0.1, true, '€'),
    }
}

/// The value arrives equal.
async fn arrives<T>(context: &Context, pair: &Pair, value: T) -> Result<(), Failure>
where
    T: Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync,
{
    let message = Message::object(&value)?;
    let received = travel(context, pair, message).await?;
    ensure_eq!(received.kind(), BodyKind::Object, "{value:?}");
    ensure_eq!(received.object_as::<T>()?, Some(value));
    Ok(())
}

async fn by_value(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    arrives(context, &pair, order()).await?;
    arrives(context, &pair, String::new()).await?;
    arrives(context, &pair, Vec::<Order>::new()).await?;
    arrives(context, &pair, None::<Order>).await?;
    arrives(context, &pair, Some(order())).await?;
    let none = travel(context, &pair, Message::empty()).await?;
    ensure_eq!(none.object_as::<Order>()?, None, "without a body");
    Ok(Passed::AsStated)
}

fn snapshot() -> Verdict {
    let mut value = order();
    let message = Message::object(&value)?;
    value.drinks.clear();
    value.table = 9;
    ensure_eq!(message.object_as()?, Some(order()));
    let mut copy = message.object_as::<Order>()?;
    if let Some(copy) = &mut copy {
        copy.drinks.clear();
    }
    ensure_eq!(message.object_as()?, Some(order()), "once a copy was changed");
    Ok(Passed::AsStated)
}

/// An object message whose bytes come from somebody else.
fn raw(json: impl Into<String>) -> Message {
    Message::bytes(json.into()).with_content_type(OBJECT_CONTENT_TYPE)
}

/// No JSON, or not of an [`Order`].
const UNREADABLE: [&str; 7] = ["", "{", "nul", "[1,2", "7", r#"{"guest":"x"}"#, "{}{}"];

async fn unreadable(context: &Context) -> Verdict {
    let keyed: HashMap<(u8, u8), u8> = [((1, 2), 3)].into();
    expect_kind(Message::object(&keyed), ErrorKind::MessageFormat)?;
    expect_kind(Message::text("7").object_as::<u8>(), ErrorKind::MessageFormat)?;
    expect_kind(Message::bytes("7").object_as::<u8>(), ErrorKind::MessageFormat)?;
    for json in UNREADABLE {
        expect_kind(raw(json).object_as::<Order>(), ErrorKind::MessageFormat)?;
    }
    if context.supports(Capability::ClientAck) && context.supports(Capability::TypedBodies) {
        acknowledgeable(context).await?;
    }
    Ok(Passed::AsStated)
}

/// What cannot be read can be acknowledged, and is then gone.
async fn acknowledgeable(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Client).await?;
    for json in UNREADABLE {
        let received = travel(context, &pair, raw(json)).await?;
        ensure_eq!(received.kind(), BodyKind::Object, "{json:?}");
        expect_kind(received.object_as::<Order>(), ErrorKind::MessageFormat)?;
        received.acknowledge().await?;
    }
    pair.session.close().await?;
    let session = pair.connection.create_session(AckMode::Auto).await?;
    let consumer = context.consumer(&session, &pair.destination).await?;
    context.nothing(&consumer).await
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

fn nested_value(depth: usize) -> Json {
    (1..depth).fold(json!([]), |inner, _| json!([inner]))
}

fn expect_limit<T>(allowed: ApiResult<T>, refused: ApiResult<T>, what: &str) -> Result<(), Failure> {
    if let Err(error) = allowed {
        return Err(Failure::new(format!("{what}: what is within the limit fails: {error}")));
    }
    match refused {
        Err(error) if error.kind() == ErrorKind::MessageFormat => Ok(()),
        Err(error) => Err(Failure::new(format!("{what}: beyond the limit: {error}"))),
        Ok(_) => Err(Failure::new(format!("{what}: what is beyond the limit succeeds"))),
    }
}

fn limits() -> Verdict {
    let default = ObjectLimits::default();
    for limits in [default, default.with_max_depth(3), default.with_max_depth(usize::MAX)] {
        let depth = limits.max_depth();
        let read = |depth| raw(nested(depth)).object_as_with_limits::<Json>(limits);
        expect_limit(read(depth), read(depth + 1), "reading depth")?;
        let write = |depth| Message::object_with_limits(&nested_value(depth), limits);
        expect_limit(write(depth), write(depth + 1), "writing depth")?;
    }
    // Far beyond the stack, and in what the type ignores.
    let deep = raw(nested(1_000_000)).object_as::<serde::de::IgnoredAny>();
    expect_kind(deep, ErrorKind::MessageFormat)?;

    let small = default.with_max_bytes(6);
    for limits in [small, default] {
        let most = limits.max_bytes() - 2;
        let read = |length| raw(format!("\"{}\"", "x".repeat(length))).object_as_with_limits::<String>(limits);
        expect_limit(read(most), read(most + 1), "reading size")?;
        let write = |length| Message::object_with_limits(&"x".repeat(length), limits);
        expect_limit(write(most), write(most + 1), "writing size")?;
    }

    // What the sender says of types is data like any other.
    let hints = json!({ "@class": "java.lang.Runtime", "$type": "exec", "!!python/object": ["os.system"] });
    ensure_eq!(Message::object(&hints)?.object_as::<Json>()?, Some(hints));
    Ok(Passed::AsStated)
}
