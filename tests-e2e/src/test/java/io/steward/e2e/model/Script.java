package io.steward.e2e.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The model's part in one session. A request belongs to the script whose [#marker()] it has in its
/// system prompt or its messages. All requests of a script are kept for assertions.
public final class Script {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String marker = "[script-" + UUID.randomUUID() + "]";
  private final Function<ModelRequest, @Nullable Reply> answers;
  private final ConcurrentHashMap<String, JsonNode> sentToolUses = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, String> sentThinking = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, List<String>> thoughtBefore = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Long> piecesAtNanos = new ConcurrentHashMap<>();
  private final Set<JsonNode> paused = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<ModelRequest> requests = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  private Script(Function<ModelRequest, @Nullable Reply> answers) {
    this.answers = answers;
  }

  /// The first request gets the first reply, and so on; one request too many is a fault.
  public static Script of(Reply... replies) {
    return new Script(at(List.of(replies), request -> request.number() - 1));
  }

  /// The reply depends on how many assistant messages the request has: asked the same again, the
  /// model answers the same again.
  public static Script byTurn(Reply... replies) {
    return new Script(at(List.of(replies), ModelRequest::assistantMessages));
  }

  /// Every request gets what the function says; null is a fault.
  public static Script answering(Function<ModelRequest, @Nullable Reply> answers) {
    return new Script(answers);
  }

  private static Function<ModelRequest, @Nullable Reply> at(
      List<Reply> replies, Function<ModelRequest, Integer> index) {
    return request -> {
      int i = index.apply(request);
      return i < replies.size() ? replies.get(i) : null;
    };
  }

  /// The text that ties a session to this script.
  public String marker() {
    return marker;
  }

  /// The user's text with the marker in it.
  public String marked(String text) {
    return text + " " + marker;
  }

  public List<ModelRequest> requests() {
    lock.lock();
    try {
      return List.copyOf(requests);
    } finally {
      lock.unlock();
    }
  }

  /// What the model had to refuse, in words.
  public List<String> faults() {
    lock.lock();
    try {
      return List.copyOf(faults);
    } finally {
      lock.unlock();
    }
  }

  /// The request with this number, counted from 1, waiting for it if need be.
  public ModelRequest awaitRequest(int number) throws InterruptedException, TimeoutException {
    long nanos = PATIENCE.toNanos();
    lock.lock();
    try {
      while (requests.size() < number) {
        if (nanos <= 0) {
          throw new TimeoutException(
              "request " + number + " of " + marker + " did not come; faults: " + faults);
        }
        nanos = changed.awaitNanos(nanos);
      }
      return requests.get(number - 1);
    } finally {
      lock.unlock();
    }
  }

  /// How the request ended, waiting for that if need be.
  public static ModelRequest.Ending ending(ModelRequest request) throws Exception {
    return request.ended().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  ModelRequest record(Function<Integer, ModelRequest> numbered) {
    lock.lock();
    try {
      ModelRequest request = numbered.apply(requests.size() + 1);
      requests.add(request);
      changed.signalAll();
      return request;
    } finally {
      lock.unlock();
    }
  }

  void recordFault(String fault) {
    lock.lock();
    try {
      faults.add(fault);
    } finally {
      lock.unlock();
    }
  }

  @Nullable Reply answer(ModelRequest request) {
    return answers.apply(request);
  }

  /// When this piece of text was handed to the network, as [System#nanoTime()]. Pieces are told
  /// apart by their text.
  public long pieceAtNanos(String piece) {
    Long nanos = piecesAtNanos.get(piece);
    if (nanos == null) {
      throw new IllegalArgumentException("never said: " + piece);
    }
    return nanos;
  }

  /// @param thoughts signatures of the thinking before it in the same reply
  void sentToolUse(String id, JsonNode block, List<String> thoughts) {
    sentToolUses.put(id, block);
    thoughtBefore.put(id, List.copyOf(thoughts));
  }

  void sentPiece(String piece) {
    piecesAtNanos.put(piece, System.nanoTime());
  }

  /// The whole content of a reply that paused its turn.
  void sentPaused(JsonNode content) {
    paused.add(content);
  }

  /// Whether this ends with a reply that paused its turn, so that the model may be asked to go on
  /// with it.
  boolean isPaused(ArrayNode content) {
    return paused.stream().anyMatch(reply -> endsWith(content, reply));
  }

  private static boolean endsWith(ArrayNode content, JsonNode reply) {
    int start = content.size() - reply.size();
    if (start < 0) {
      return false;
    }
    for (int i = 0; i < reply.size(); i++) {
      if (!content.get(start + i).equals(reply.get(i))) {
        return false;
      }
    }
    return true;
  }

  /// The signatures of the thinking that led to the tool call of this id.
  List<String> thoughtBefore(String toolUseId) {
    return thoughtBefore.getOrDefault(toolUseId, List.of());
  }

  void sentThinking(Block.Thinking thinking) {
    sentThinking.put(thinking.signature(), thinking.thinking());
  }

  /// The tool call this script sent under this id, or null if it sent none.
  @Nullable JsonNode toolUse(String id) {
    return sentToolUses.get(id);
  }

  /// The thinking this script sent with this signature, or null if it sent none.
  @Nullable String thinking(String signature) {
    return sentThinking.get(signature);
  }
}
