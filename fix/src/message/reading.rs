//! From bytes to a [`Message`]: framed before ([`Message::read`]), or framed and indexed in one
//! pass ([`Message::take`]); each with the help of known shapes if wanted.

use super::Message;
use crate::error::{FieldError, IndexError};
use crate::frame::{self, Frame};
use crate::index::{Index, Slots};
use crate::scan;
use crate::shapes::Shapes;

impl<'a> Message<'a> {
    /// Indexes a whole message, as [`crate::frame::frame`] found it.
    ///
    /// # Errors
    /// [`IndexError`] names the first field that is wrong in itself: a tag that is no tag, an empty
    /// value, a data length that does not fit, more fields than the index holds.
    pub fn parse<S: Slots>(
        bytes: &'a [u8],
        index: &'a mut Index<S>,
    ) -> Result<Message<'a>, IndexError> {
        let (message, error) = Message::read(bytes, index);
        match error {
            None => Ok(message),
            Some(FieldError { tag, reason, .. }) => {
                let msg_seq_num = message.msg_seq_num().unwrap_or(0);
                Err(IndexError {
                    ref_tag: tag,
                    reason,
                    msg_seq_num,
                })
            }
        }
    }

    /// Like [`Message::parse`], but gives the fields that could be read also where one is wrong:
    /// for an answer that needs MsgType(35) and MsgSeqNum(34), and for showing messages to people.
    pub fn read<S: Slots>(
        bytes: &'a [u8],
        index: &'a mut Index<S>,
    ) -> (Message<'a>, Option<FieldError>) {
        let error = scan::scan(bytes, index);
        let fields = index.fields();
        (Message { bytes, fields }, error)
    }

    /// Frames and indexes at once: the message at the front of what was received, as
    /// [`crate::frame::frame`] would find it and [`Message::read`] would index it, but in one pass
    /// over its bytes. `message_bytes_max` bounds the whole message.
    ///
    /// # Errors
    /// What else stands there: never [`Frame::Whole`].
    #[inline]
    pub fn take<S: Slots>(
        bytes: &'a [u8],
        message_bytes_max: usize,
        index: &'a mut Index<S>,
    ) -> Result<(Message<'a>, Option<FieldError>), Frame> {
        Message::take_by(scan::Front::best(), bytes, message_bytes_max, index)
    }

    /// As [`Message::take`] by a given front of the scan, for tests and benches that compare them.
    ///
    /// # Errors
    /// What else stands there: never [`Frame::Whole`].
    #[inline]
    pub fn take_by<S: Slots>(
        front: scan::Front,
        bytes: &'a [u8],
        message_bytes_max: usize,
        index: &'a mut Index<S>,
    ) -> Result<(Message<'a>, Option<FieldError>), Frame> {
        if let Some(likely) = frame::likely(bytes, message_bytes_max)
            && let Some(ordinary) = front.read_ordinary(likely.message, &mut index.slots_mut())
            && ordinary.sum.wrapping_sub(likely.trailer_sum) == likely.check_sum
        {
            index.set_count(ordinary.count);
            let (bytes, fields) = (likely.message, index.fields());
            return Ok((Message { bytes, fields }, None));
        }
        // Not an ordinary message, or none: framed and indexed one after the other.
        match frame::frame(bytes, message_bytes_max) {
            Frame::Whole { length } => {
                let bytes = bytes.get(..length).unwrap_or(bytes);
                let error = front.scan(bytes, index);
                let fields = index.fields();
                Ok((Message { bytes, fields }, error))
            }
            other => Err(other),
        }
    }

    /// As [`Message::read`], with the help of known shapes: fields of a message whose shape is
    /// known are found without a search.
    pub fn read_with_shapes<S: Slots>(
        bytes: &'a [u8],
        index: &'a mut Index<S>,
        shapes: &'a mut Shapes,
    ) -> (Message<'a>, Option<FieldError>) {
        let (message, error) = Message::read(bytes, index);
        (message.with_shapes(shapes), error)
    }

    /// As [`Message::take`], with the help of known shapes.
    ///
    /// # Errors
    /// What else stands there: never [`Frame::Whole`].
    #[inline]
    pub fn take_with_shapes<S: Slots>(
        bytes: &'a [u8],
        message_bytes_max: usize,
        index: &'a mut Index<S>,
        shapes: &'a mut Shapes,
    ) -> Result<(Message<'a>, Option<FieldError>), Frame> {
        let (message, error) = Message::take(bytes, message_bytes_max, index)?;
        Ok((message.with_shapes(shapes), error))
    }

    /// The same message, its fields found without a search if its shape is a known one; else the
    /// shape may be learned. No answer depends on it.
    #[inline]
    #[must_use]
    pub fn with_shapes(mut self, shapes: &'a mut Shapes) -> Message<'a> {
        // MsgType(35) is the third field; whatever stands there, it only sorts shapes.
        let kind = self.value_at(2).and_then(|value| value.first());
        let kind = kind.copied().unwrap_or(0);
        self.fields.shape = shapes.recognise(kind, self.fields.tags);
        self
    }
}
