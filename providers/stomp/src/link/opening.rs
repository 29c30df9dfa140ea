//! From an address to a link.

use anymq_api::{Error, Result, spi::ConnectSpec};
use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::codec::{Decoder as _, Encoder as _};

use super::{
    heart_beat::HeartBeat,
    socket::{Reading, Socket, Writing, lost},
};
use crate::{
    config::Config,
    dialect::{self, Dialect},
    error::{self, unreadable, unwritable},
    frame::{Command, Frame, FrameDecoder, FrameEncoder, Version},
};

/// What is known of a broker that let us in.
pub(super) struct Opened {
    pub(super) dialect: &'static dyn Dialect,
    pub(super) server: Option<String>,
    pub(super) version: Version,
    pub(super) inbound: Inbound,
    pub(super) writing: Writing,
    pub(super) heart_beat: HeartBeat,
}

/// What comes in.
pub(super) struct Inbound {
    reading: Reading,
    buffer: BytesMut,
    decoder: FrameDecoder,
}

/// How much room there is at least for a read.
const ROOM: usize = 16 << 10;

impl Inbound {
    /// Reads what there is, at least something; false at the end.
    pub(super) async fn read(&mut self) -> std::io::Result<bool> {
        self.buffer.reserve(ROOM);
        Ok(self.reading.read_buf(&mut self.buffer).await? > 0)
    }

    /// The next frame of what was read.
    pub(super) fn frame(&mut self) -> Result<Option<Frame>> {
        self.decoder.decode(&mut self.buffer).map_err(unreadable)
    }
}

pub(super) async fn open(config: &Config, spec: &ConnectSpec) -> Result<Opened> {
    let security = config.security(spec).await?;
    let Socket { reading, mut writing } = Socket::connect(config, security.tls.as_ref(), security.has_password).await?;
    let mut wire = BytesMut::new();
    let asked = config.connect_frame(spec);
    FrameEncoder::new(Version::V1_2)
        .encode(&asked, &mut wire)
        .map_err(unwritable)?;
    writing.write_all(&wire).await.map_err(lost)?;
    writing.flush().await.map_err(lost)?;
    let mut inbound = Inbound {
        reading,
        buffer: BytesMut::new(),
        decoder: FrameDecoder::new(Version::V1_2, config.limits()),
    };
    let silent_end = |end: std::io::Error| {
        let refused = security.tls.as_ref().and_then(|tls| tls.silent_end(&end));
        refused.unwrap_or_else(|| lost(end))
    };
    let answer = answer(&mut inbound, silent_end).await?;
    let version = match answer.command {
        Command::Connected => Version::of_server(answer.headers.get("version")),
        Command::Error => return Err(refusal(&answer)),
        _ => None,
    };
    let version = version.ok_or_else(|| error::lost("the broker greets in no version of STOMP that is known"))?;
    inbound.decoder.set_version(version);
    let server = answer.headers.get("server").map(str::to_owned);
    Ok(Opened {
        dialect: config
            .dialect()
            .unwrap_or_else(|| dialect::of_server(server.as_deref())),
        server,
        version,
        inbound,
        writing,
        heart_beat: HeartBeat::agreed(config.heart_beat(), answer.headers.get("heart-beat")),
    })
}

/// The frame that the broker answers with.
async fn answer(inbound: &mut Inbound, silent_end: impl Fn(std::io::Error) -> Error) -> Result<Frame> {
    loop {
        if let Some(frame) = inbound.frame()? {
            return Ok(frame);
        }
        match inbound.read().await {
            Ok(true) => {}
            Ok(false) => return Err(silent_end(std::io::ErrorKind::UnexpectedEof.into())),
            Err(error) => return Err(silent_end(error)),
        }
    }
}

/// Nobody knows yet whose words they are.
fn refusal(frame: &Frame) -> Error {
    dialect::all()
        .find_map(|dialect| dialect.refusal(frame))
        .unwrap_or_else(|| error::lost(error::words(frame)))
}
