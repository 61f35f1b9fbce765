//! WAV as far as speech needs it: 16-bit PCM, one or two channels in, one channel out.

/// A sound of one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// Samples a second.
    pub rate: u32,
    /// −1 to 1.
    pub samples: Vec<f32>,
}

/// Why a file is not a sound for us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// No RIFF/WAVE, or cut off.
    #[error("không phải tệp WAV, hoặc tệp bị cắt")]
    Shape,
    /// A kind of samples that is not read.
    #[error(
        "cần PCM 16 bit, 1 hoặc 2 kênh, 8000–48000 Hz; tệp này là mã {format}, {bits} bit, {channels} kênh, {rate} Hz"
    )]
    Kind {
        /// The format's code: 1 is PCM.
        format: u16,
        /// Bits of a sample.
        bits: u16,
        /// Channels.
        channels: u16,
        /// Samples a second.
        rate: u32,
    },
}

const PCM: u16 = 1;
/// PCM behind a longer header.
const EXTENSIBLE: u16 = 0xFFFE;

impl Sound {
    /// Reads a file. A data chunk that claims more than there is (a program that wrote into a pipe) ends with the file.
    ///
    /// # Errors
    /// [`WavError`].
    pub fn read(bytes: &[u8]) -> Result<Self, WavError> {
        if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
            return Err(WavError::Shape);
        }
        let mut rest = bytes.get(12..).unwrap_or_default();
        let mut kind = None;
        while let Some((head, body)) = rest.split_first_chunk::<8>() {
            let (name, size) = (&head[..4], u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize);
            let chunk = body.get(..size).unwrap_or(body);
            match name {
                b"fmt " => kind = Some(Kind::read(chunk)?),
                b"data" => return kind.ok_or(WavError::Shape)?.samples(chunk),
                _ => {}
            }
            // Chunks begin at even places.
            rest = body.get(size + size % 2..).unwrap_or_default();
        }
        Err(WavError::Shape)
    }

    /// The sound as a file of 16-bit samples.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let length = u32::try_from(self.samples.len() * 2).unwrap_or(u32::MAX - 36);
        let mut file = Vec::with_capacity(44 + self.samples.len() * 2);
        file.extend_from_slice(b"RIFF");
        file.extend_from_slice(&(36 + length).to_le_bytes());
        file.extend_from_slice(b"WAVEfmt ");
        file.extend_from_slice(&16_u32.to_le_bytes());
        for word in [PCM, 1] {
            file.extend_from_slice(&word.to_le_bytes());
        }
        file.extend_from_slice(&self.rate.to_le_bytes());
        file.extend_from_slice(&(self.rate * 2).to_le_bytes());
        for word in [2_u16, 16] {
            file.extend_from_slice(&word.to_le_bytes());
        }
        file.extend_from_slice(b"data");
        file.extend_from_slice(&length.to_le_bytes());
        for sample in &self.samples {
            file.extend_from_slice(&pcm(*sample).to_le_bytes());
        }
        file
    }

    /// Seconds.
    #[must_use]
    pub fn seconds(&self) -> f32 {
        self.samples.len() as f32 / self.rate.max(1) as f32
    }
}

fn pcm(sample: f32) -> i16 {
    (sample * 32768.0).round().clamp(-32768.0, 32767.0) as i16
}

struct Kind {
    channels: usize,
    rate: u32,
}

impl Kind {
    fn read(chunk: &[u8]) -> Result<Self, WavError> {
        let word = |at: usize| chunk.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
        let (format, channels) = (word(0).ok_or(WavError::Shape)?, word(2).ok_or(WavError::Shape)?);
        let (low, high) = (word(4).ok_or(WavError::Shape)?, word(6).ok_or(WavError::Shape)?);
        let (rate, bits) = (u32::from(low) | u32::from(high) << 16, word(14).ok_or(WavError::Shape)?);
        // A longer header names the kind of its samples further on.
        let inner = if format == EXTENSIBLE { word(24).unwrap_or_default() } else { format };
        if inner != PCM || bits != 16 || !(1..=2).contains(&channels) || !(8000..=48_000).contains(&rate) {
            return Err(WavError::Kind { format: inner, bits, channels, rate });
        }
        Ok(Self { channels: usize::from(channels), rate })
    }

    fn samples(&self, data: &[u8]) -> Result<Sound, WavError> {
        let read = |two: &[u8]| f32::from(i16::from_le_bytes([two[0], two[1]])) / 32768.0;
        let frames = data.chunks_exact(2 * self.channels);
        let mean = |frame: &[u8]| frame.chunks_exact(2).map(read).sum::<f32>() / self.channels as f32;
        Ok(Sound { rate: self.rate, samples: frames.map(mean).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone() -> Sound {
        Sound { rate: 22_050, samples: (0..500_u16).map(|i| (f32::from(i) / 20.0).sin() * 0.5).collect() }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let sound = tone();
        let again = Sound::read(&sound.write()).unwrap();
        assert_eq!(again.rate, sound.rate);
        let off = sound.samples.iter().zip(&again.samples).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(again.samples.len() == 500 && off <= 1.0 / 32768.0, "{off}");
    }

    #[test]
    fn a_stream_whose_length_was_not_known_is_read_to_its_end() {
        let mut bytes = tone().write();
        bytes[40..44].copy_from_slice(&0x7fff_f000_u32.to_le_bytes());
        assert_eq!(Sound::read(&bytes).unwrap().samples.len(), 500);
    }

    #[test]
    fn two_channels_become_one_and_other_chunks_are_passed() {
        let mut bytes = tone().write();
        bytes[22] = 2;
        let extra = [b"LIST".as_slice(), &3_u32.to_le_bytes(), b"abc\0"].concat();
        bytes.splice(12..12, extra);
        assert_eq!(Sound::read(&bytes).unwrap().samples.len(), 250);
    }

    #[test]
    fn anything_else_is_refused_with_what_it_is() {
        assert_eq!(Sound::read(b"OggS"), Err(WavError::Shape));
        assert_eq!(Sound::read(&tone().write()[..30]), Err(WavError::Shape));
        let mut eight = tone().write();
        eight[34] = 8;
        assert!(matches!(Sound::read(&eight), Err(WavError::Kind { bits: 8, .. })));
        for cut in 0..60 {
            // No length makes it panic.
            let _ = Sound::read(&tone().write()[..cut]);
        }
    }
}
