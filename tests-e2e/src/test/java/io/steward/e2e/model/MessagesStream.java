package io.steward.e2e.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Writes one reply as the server-sent events of the Messages API.
final class MessagesStream implements ReplyStream {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PING_PERIOD = Duration.ofMillis(40);

  private final OutputStream out;
  private final Script script;
  private final String model;
  private final ArrayNode said = JSON.createArrayNode();
  private final List<String> thoughts = new ArrayList<>();
  private Duration pause = Duration.ZERO;

  MessagesStream(OutputStream out, Script script, String model) {
    this.out = out;
    this.script = script;
    this.model = model;
  }

  @Override
  public void send(Reply.Message message) throws IOException, InterruptedException {
    start(message.tokens());
    pause = message.pause();
    blocks(message.blocks(), message.gate());
    if (message.stopReason().equals("pause_turn")) {
      script.sentPaused(said);
    }
    ObjectNode delta = JSON.createObjectNode().put("stop_reason", message.stopReason());
    delta.putNull("stop_sequence");
    Reply.StopDetails details = message.stopDetails();
    if (details != null) {
      delta
          .putObject("stop_details")
          .put("type", "refusal")
          .put("category", details.category())
          .put("explanation", details.explanation());
    }
    ObjectNode end = JSON.createObjectNode().put("type", "message_delta");
    end.set("delta", delta);
    end.putObject("usage").put("output_tokens", message.tokens().output());
    event(end);
    event(JSON.createObjectNode().put("type", "message_stop"));
  }

  @Override
  public void send(Reply.StreamError failure) throws IOException, InterruptedException {
    start(Reply.Tokens.USUAL);
    blocks(failure.blocks(), null);
    event(MessagesDialect.error(failure.type(), failure.message()));
  }

  @Override
  public void send(Reply.Cut cut) throws IOException, InterruptedException {
    start(Reply.Tokens.USUAL);
    blocks(cut.blocks(), null);
  }

  private void start(Reply.Tokens tokens) throws IOException {
    ObjectNode message =
        JSON.createObjectNode()
            .put("id", "msg_" + UUID.randomUUID().toString().replace("-", ""))
            .put("type", "message")
            .put("role", "assistant")
            .put("model", model);
    message.putArray("content");
    message.putNull("stop_reason").putNull("stop_sequence");
    ObjectNode usage =
        message
            .putObject("usage")
            .put("input_tokens", tokens.input())
            .put("output_tokens", 1)
            .put("cache_creation_input_tokens", tokens.cacheCreation())
            .put("cache_read_input_tokens", tokens.cacheRead());
    usage
        .putObject("cache_creation")
        .put("ephemeral_5m_input_tokens", tokens.cacheCreation())
        .put("ephemeral_1h_input_tokens", 0);
    ObjectNode start = JSON.createObjectNode().put("type", "message_start");
    start.set("message", message);
    event(start);
    ping();
  }

  private void blocks(List<Block> blocks, @Nullable Gate gate)
      throws IOException, InterruptedException {
    for (int i = 0; i < blocks.size(); i++) {
      block(i, blocks.get(i), i == blocks.size() - 1 ? gate : null);
    }
    if (blocks.isEmpty()) {
      hold(gate);
    }
  }

  private void block(int index, Block block, @Nullable Gate gate)
      throws IOException, InterruptedException {
    switch (block) {
      case Block.Text text -> {
        blockStart(index, JSON.createObjectNode().put("type", "text").put("text", ""));
        for (String piece : text.pieces().subList(0, text.pieces().size() - 1)) {
          textDelta(index, piece);
          LockSupport.parkNanos(pause.toNanos());
        }
        hold(gate);
        textDelta(index, text.pieces().getLast());
        said.addObject().put("type", "text").put("text", text.whole());
      }
      case Block.Thinking thinking -> {
        script.sentThinking(thinking);
        thoughts.add(thinking.signature());
        said.addObject()
            .put("type", "thinking")
            .put("thinking", thinking.thinking())
            .put("signature", thinking.signature());
        ObjectNode start = JSON.createObjectNode().put("type", "thinking");
        blockStart(index, start.put("thinking", "").put("signature", ""));
        delta(index, "thinking_delta", "thinking", thinking.thinking());
        hold(gate);
        delta(index, "signature_delta", "signature", thinking.signature());
      }
      case Block.ToolUse toolUse -> toolUse(index, toolUse, gate);
      case Block.Provided provided -> {
        hold(gate);
        blockStart(index, provided.json().deepCopy());
        said.add(provided.json());
      }
      case Block.HalfToolUse half -> {
        ObjectNode start = JSON.createObjectNode().put("type", "tool_use").put("id", newCallId());
        start.put("name", half.name()).putObject("input");
        blockStart(index, start);
        delta(index, "input_json_delta", "partial_json", half.inputBegin());
      }
    }
    event(JSON.createObjectNode().put("type", "content_block_stop").put("index", index));
  }

  private void toolUse(int index, Block.ToolUse toolUse, @Nullable Gate gate)
      throws IOException, InterruptedException {
    String id = newCallId();
    ObjectNode whole = JSON.createObjectNode().put("type", "tool_use").put("id", id);
    whole.put("name", toolUse.name()).set("input", toolUse.input());
    script.sentToolUse(id, whole, thoughts);
    said.add(whole);
    ObjectNode start = whole.deepCopy();
    start.putObject("input");
    blockStart(index, start);
    String input = toolUse.input().toString();
    int middle = input.length() / 2;
    delta(index, "input_json_delta", "partial_json", "");
    delta(index, "input_json_delta", "partial_json", input.substring(0, middle));
    hold(gate);
    delta(index, "input_json_delta", "partial_json", input.substring(middle));
  }

  private static String newCallId() {
    return "toolu_" + UUID.randomUUID().toString().replace("-", "").substring(0, 24);
  }

  private void textDelta(int index, String piece) throws IOException {
    script.sentPiece(piece);
    delta(index, "text_delta", "text", piece);
  }

  private void hold(@Nullable Gate gate) throws IOException, InterruptedException {
    while (gate != null && !gate.isOpenWithin(PING_PERIOD)) {
      ping();
    }
  }

  private void blockStart(int index, ObjectNode block) throws IOException {
    ObjectNode event =
        JSON.createObjectNode().put("type", "content_block_start").put("index", index);
    event.set("content_block", block);
    event(event);
  }

  private void delta(int index, String type, String field, String value) throws IOException {
    ObjectNode event =
        JSON.createObjectNode().put("type", "content_block_delta").put("index", index);
    event.set("delta", JsonNodeFactory.instance.objectNode().put("type", type).put(field, value));
    event(event);
  }

  private void ping() throws IOException {
    event(JSON.createObjectNode().put("type", "ping"));
  }

  private void event(ObjectNode event) throws IOException {
    String frame = "event: " + event.path("type").asText() + "\ndata: " + event + "\n\n";
    out.write(frame.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
