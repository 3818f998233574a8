package io.steward.bench.model;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;

/// Writes one reply of the Messages API as server-sent events. Without pauses all of it is one
/// write.
final class ReplyWriter {
  private static final String START =
      """
      {"type":"message_start","message":{"id":"%s","type":"message","role":"assistant",\
      "model":"%s","content":[],"stop_reason":null,"stop_sequence":null,\
      "usage":{"input_tokens":10,"output_tokens":1}}}\
      """;
  private static final String TEXT_START =
      """
      {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\
      """;
  private static final String TEXT_DELTA =
      """
      {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%s"}}\
      """;
  private static final String TOOL_START =
      """
      {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"%s",\
      "name":"bash","input":{}}}\
      """;
  private static final String TOOL_DELTA =
      """
      {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta",\
      "partial_json":"{\\"command\\":\\"echo bench-$((6*7))\\"}"}}\
      """;
  private static final String BLOCK_STOP =
      """
      {"type":"content_block_stop","index":0}\
      """;
  private static final String END =
      """
      {"type":"message_delta","delta":{"stop_reason":"%s","stop_sequence":null},\
      "usage":{"output_tokens":5}}\
      """;
  private static final String STOP =
      """
      {"type":"message_stop"}\
      """;

  private final OutputStream out;
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private final Exchange exchange;
  private final String id;

  /// @param id unique among replies; made of letters and digits
  ReplyWriter(OutputStream out, Exchange exchange, String id) {
    this.out = out;
    this.exchange = exchange;
    this.id = id;
  }

  void text(Cue cue, String model) throws IOException {
    event("message_start", START.formatted("msg_" + id, model));
    event("content_block_start", TEXT_START);
    for (int i = 0; i < cue.chunks(); i++) {
      if (i > 0 && cue.everyMillis() > 0) {
        LockSupport.parkNanos(cue.everyMillis() * 1_000_000L);
      }
      event("content_block_delta", TEXT_DELTA.formatted(piece(i)));
      exchange.chunk(i, System.nanoTime());
      if (cue.everyMillis() > 0) {
        flush();
      }
    }
    end("end_turn");
  }

  void toolUse(String model) throws IOException {
    event("message_start", START.formatted("msg_" + id, model));
    event("content_block_start", TOOL_START.formatted("toolu_" + id));
    event("content_block_delta", TOOL_DELTA);
    end("tool_use");
  }

  /// The text of the piece at `index`: what it is known by when it arrives.
  static String piece(int index) {
    return "p%05d;".formatted(index);
  }

  private void end(String stopReason) throws IOException {
    event("content_block_stop", BLOCK_STOP);
    event("message_delta", END.formatted(stopReason));
    event("message_stop", STOP);
    exchange.replyEnd(System.nanoTime());
    flush();
  }

  private void event(String name, String json) {
    String frame = "event: " + name + "\ndata: " + json + "\n\n";
    pending.writeBytes(frame.getBytes(StandardCharsets.US_ASCII));
  }

  private void flush() throws IOException {
    pending.writeTo(out);
    pending.reset();
    out.flush();
  }
}
