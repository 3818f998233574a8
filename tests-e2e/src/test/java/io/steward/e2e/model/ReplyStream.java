package io.steward.e2e.model;

import java.io.IOException;

/// Writes one reply in the form of a protocol. Does not close what it writes to.
interface ReplyStream {
  void send(Reply.Message message) throws IOException, InterruptedException;

  void send(Reply.StreamError failure) throws IOException, InterruptedException;

  void send(Reply.Cut cut) throws IOException, InterruptedException;
}
