use std::fmt;

use super::Check;

macro_rules! areas {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $module:ident, $title:literal;)*) => {
        /// A part of the checklist: the letters before the number of an id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Area { $($(#[$doc])* $variant,)* }

        impl Area {
            /// Every area, in the order of reports.
            pub const ALL: &'static [Area] = &[$(Area::$variant,)*];

            /// The letters, for example `CONN`.
            pub const fn name(self) -> &'static str {
                match self { $(Area::$variant => $name,)* }
            }

            /// One phrase for people.
            pub const fn title(self) -> &'static str {
                match self { $(Area::$variant => $title,)* }
            }

            /// The area's assertions, in order.
            pub const fn checks(self) -> &'static [Check] {
                match self { $(Area::$variant => super::$module::CHECKS,)* }
            }
        }
    };
}

areas! {
    /// Connection life cycle.
    Conn = "CONN", conn, "connection life cycle";
    /// Client identifier.
    Cid = "CID", cid, "client identifier";
    /// Connection metadata.
    Meta = "META", meta, "connection metadata";
    /// Connection events.
    Exl = "EXL", exl, "connection events";
    /// Sessions.
    Ses = "SES", ses, "sessions";
    /// Acknowledgement modes.
    Ack = "ACK", ack, "acknowledgement modes";
    /// Recovery.
    Rec = "REC", rec, "recovery";
    /// Local transactions.
    Tx = "TX", tx, "local transactions";
    /// Producers.
    Prod = "PROD", prod, "producers";
    /// Asynchronous sends.
    Async = "ASYNC", async_send, "asynchronous sends";
    /// Consumers.
    Cons = "CONS", cons, "consumers";
    /// Message headers.
    Hdr = "HDR", hdr, "message headers";
    /// Message properties.
    Prop = "PROP", prop, "message properties";
    /// Rules for every body.
    Msg = "MSG", msg, "rules for every body";
    /// Text bodies.
    Text = "TEXT", text, "text bodies";
    /// Bytes bodies.
    Bytes = "BYTES", bytes, "bytes bodies";
    /// Map bodies.
    Map = "MAP", map, "map bodies";
    /// Stream bodies.
    Strm = "STRM", strm, "stream bodies";
    /// Object bodies.
    Obj = "OBJ", obj, "object bodies";
    /// Selectors.
    Sel = "SEL", sel, "selectors";
    /// Queues.
    P2p = "P2P", p2p, "queues";
    /// Unshared non-durable subscriptions.
    Top = "TOP", top, "unshared non-durable subscriptions";
    /// Unshared durable subscriptions.
    Dur = "DUR", dur, "unshared durable subscriptions";
    /// Shared subscriptions.
    Shr = "SHR", shr, "shared subscriptions";
    /// Queue browsers.
    Brw = "BRW", brw, "queue browsers";
    /// Temporary destinations.
    Tmp = "TMP", tmp, "temporary destinations";
    /// Request and reply.
    Rr = "RR", rr, "request and reply";
    /// Redelivery.
    Rdl = "RDL", rdl, "redelivery";
    /// Expiry.
    Exp = "EXP", exp, "expiry";
    /// Priority.
    Pri = "PRI", pri, "priority";
    /// Delivery delay.
    Dly = "DLY", dly, "delivery delay";
    /// Message groups.
    Grp = "GRP", grp, "message groups";
    /// Errors.
    Err = "ERR", err, "errors";
    /// Concurrency.
    Thr = "THR", thr, "concurrency";
    /// Robustness.
    Rob = "ROB", rob, "robustness";
    /// Distributed transactions.
    Xa = "XA", xa, "distributed transactions";
    /// Simplified API.
    Ctx = "CTX", ctx, "simplified API";
}

impl Area {
    /// The area of that name, in any case.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|area| area.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
