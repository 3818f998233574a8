package io.steward.vaultproxy.oauth;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.json.Json;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.WebUrl;
import io.steward.vaultproxy.oauth.ProbeResult.Passed;
import io.steward.vaultproxy.oauth.ProbeResult.Reason;
import io.steward.vaultproxy.oauth.ProbeResult.Stopped;
import io.steward.vaultproxy.outbound.Answer;
import io.steward.vaultproxy.outbound.Appetite;
import io.steward.vaultproxy.outbound.Deadline;
import io.steward.vaultproxy.outbound.PinnedClient;
import io.steward.vaultproxy.outbound.PinnedRequest;
import io.steward.vaultproxy.outbound.PinnedRequest.Method;
import io.steward.vaultproxy.vault.SecretValue;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Finds out whether an MCP server takes a token: greets it and lists its tools, over streamable
/// HTTP; a server that only knows the older HTTP+SSE is asked for its stream. No SDK, so that what
/// a server answers at a failing step can be shown. Source: Model Context Protocol 2025-06-18.
final class ServerProbe {
  /// Of one step.
  static final Duration STEP_MAX = Duration.ofSeconds(10);

  /// Of saying goodbye, which changes nothing any more.
  static final Duration GOODBYE_MAX = Duration.ofSeconds(2);

  /// Bytes of one answer.
  static final int ANSWER_BYTES_MAX = 512 * 1024;

  static final String INITIALIZE = "initialize";
  static final String INITIALIZED = "notifications/initialized";
  static final String LIST = "tools/list";

  private static final String VERSION = "2025-06-18";
  private static final String JSON = "application/json";
  private static final String EVENTS = "text/event-stream";
  private static final Pattern SESSION_ID = Pattern.compile("[\\x21-\\x7e]{1,1024}");
  private static final Pattern VERSIONS = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
  private static final int TIMEOUT = 408;
  private static final int TOO_MANY = 429;

  private final PinnedClient client;

  ServerProbe(PinnedClient client) {
    this.client = client;
  }

  ProbeResult probe(String serverUrl, SecretValue token, Scrubber scrubber, Deadline deadline) {
    try {
      return new Conversation(WebUrl.parse(serverUrl), token, scrubber, deadline).result();
    } catch (EgressRefusal e) {
      return new Stopped(INITIALIZE, Reason.NOT_SENT, null);
    }
  }

  /// What one step came to.
  private sealed interface Step {
    record Done(Answer.Head head, ObjectNode result) implements Step {}

    record Ended(Stopped how) implements Step {}
  }

  private final class Conversation {
    private final WebUrl url;
    private final Scrubber scrubber;
    private final Deadline deadline;
    private final Map<String, String> headers = new HashMap<>();
    private boolean sent;

    Conversation(WebUrl url, SecretValue token, Scrubber scrubber, Deadline deadline) {
      this.url = url;
      this.scrubber = scrubber;
      this.deadline = deadline;
      headers.put("Authorization", "Bearer " + token.text());
      headers.put("Accept", JSON + ", " + EVENTS);
      headers.put("Content-Type", JSON);
    }

    ProbeResult result() {
      try {
        return run();
      } catch (EgressRefusal e) {
        return unanswered(INITIALIZE);
      }
    }

    private Stopped unanswered(String method) {
      return new Stopped(method, sent ? Reason.UNCLEAR : Reason.NOT_SENT, null);
    }

    private ProbeResult run() throws EgressRefusal {
      Step greeted = call(1, INITIALIZE, greeting());
      return switch (greeted) {
        case Step.Ended(var how) -> isOfNoUse(how) ? older(how) : how;
        case Step.Done(var head, var result) -> {
          remember(head, result);
          ProbeResult rest = tools(result);
          goodbye();
          yield rest;
        }
      };
    }

    private ProbeResult tools(ObjectNode greeted) throws EgressRefusal {
      Optional<Stopped> refused = tell(INITIALIZED);
      if (refused.isPresent()) {
        return refused.get();
      }
      if (!greeted.path("capabilities").has("tools")) {
        return new Passed();
      }
      return switch (call(2, LIST, Json.mapper().createObjectNode())) {
        case Step.Ended(var how) -> how;
        case Step.Done _ -> new Passed();
      };
    }

    private void remember(Answer.Head head, ObjectNode greeted) {
      String session = head.header("mcp-session-id");
      if (SESSION_ID.matcher(session).matches()) {
        headers.put("Mcp-Session-Id", session);
      }
      String version = greeted.path("protocolVersion").asText("");
      headers.put("MCP-Protocol-Version", VERSIONS.matcher(version).matches() ? version : VERSION);
    }

    /// A request, which has a result.
    private Step call(int id, String method, ObjectNode parameters) throws EgressRefusal {
      ObjectNode message = message(method);
      message.put("id", id);
      message.set("params", parameters);
      EventStream events = new EventStream(event -> reply(event.data(), id).isPresent());
      Answer answer =
          send(Method.POST, message.toString(), head -> Optional.of(appetite(head, events)));
      return switch (answer) {
        case Answer.Failed _ -> new Step.Ended(unanswered(method));
        case Answer.Response response when !isPlain(response) ->
            new Step.Ended(stopped(method, response));
        case Answer.Response response -> {
          String json =
              isEvents(response.head())
                  ? events.found().map(EventStream.Event::data).orElse("")
                  : new String(response.body().bytes(), StandardCharsets.UTF_8);
          yield reply(json, id)
              .filter(reply -> reply.get("result") instanceof ObjectNode)
              .<Step>map(reply -> new Step.Done(response.head(), (ObjectNode) reply.get("result")))
              .orElseGet(() -> new Step.Ended(stopped(method, response)));
        }
      };
    }

    /// A notification, which has none; the way it ended, unless the server took it.
    private Optional<Stopped> tell(String method) throws EgressRefusal {
      Answer answer =
          send(
              Method.POST,
              message(method).toString(),
              head -> head.successful() ? Optional.empty() : Optional.of(Appetite.WHOLE));
      return switch (answer) {
        case Answer.Failed _ -> Optional.of(unanswered(method));
        case Answer.Response response when response.head().successful() -> Optional.empty();
        case Answer.Response response -> Optional.of(stopped(method, response));
      };
    }

    /// Tries a server that does not take the greeting as one of the older protocol, which answers a
    /// GET with a stream that begins with an event named `endpoint`.
    private ProbeResult older(Stopped greeting) throws EgressRefusal {
      EventStream events = new EventStream(event -> event.name().equals("endpoint"));
      headers.put("Accept", EVENTS);
      headers.remove("Content-Type");
      Answer answer = send(Method.GET, "", head -> Optional.of(appetite(head, events)));
      if (answer instanceof Answer.Response response) {
        if (response.head().successful() && events.found().isPresent()) {
          return new Passed();
        }
        if (response.head().status() == 401) {
          return stopped(INITIALIZE, response);
        }
      }
      return greeting;
    }

    /// Ends the session, if there is one; a server that does not care loses nothing.
    private void goodbye() throws EgressRefusal {
      if (headers.containsKey("Mcp-Session-Id")) {
        PinnedRequest request =
            new PinnedRequest(
                Method.DELETE, url, headers, "", ANSWER_BYTES_MAX, _ -> Optional.empty());
        var _ = client.send(request, deadline.within(GOODBYE_MAX));
      }
    }

    private Answer send(
        Method method, String body, Function<Answer.Head, Optional<Appetite>> reading)
        throws EgressRefusal {
      Answer answer =
          client.send(
              new PinnedRequest(method, url, headers, body, ANSWER_BYTES_MAX, reading),
              deadline.within(STEP_MAX));
      sent |= !(answer instanceof Answer.Failed(var why)) || why.wasSent();
      return answer;
    }

    private Stopped stopped(String method, Answer.Response response) {
      return new Stopped(
          method, reason(response.head().status()), HttpReport.of(response, scrubber));
    }
  }

  private static Appetite appetite(Answer.Head head, EventStream events) {
    return isEvents(head) ? events : Appetite.WHOLE;
  }

  private static Reason reason(int status) {
    boolean refused = status >= 400 && status < 500 && status != TIMEOUT && status != TOO_MANY;
    if (status == 401) {
      return Reason.UNAUTHENTICATED;
    }
    return refused ? Reason.REFUSED : Reason.UNCLEAR;
  }

  /// Status codes with which an older server answers a POST it does not know.
  private static boolean isOfNoUse(Stopped greeting) {
    HttpReport response = greeting.response();
    return response != null && List.of(400, 404, 405).contains(response.statusCode());
  }

  private static boolean isPlain(Answer.Response response) {
    return response.head().successful() && response.body().whole() && !response.head().packed();
  }

  private static boolean isEvents(Answer.Head head) {
    return head.header("content-type").toLowerCase(Locale.ROOT).startsWith(EVENTS);
  }

  private static ObjectNode message(String method) {
    return Json.mapper().createObjectNode().put("jsonrpc", "2.0").put("method", method);
  }

  private static ObjectNode greeting() {
    ObjectNode greeting = Json.mapper().createObjectNode().put("protocolVersion", VERSION);
    greeting.putObject("capabilities");
    greeting.putObject("clientInfo").put("name", "steward").put("version", "1");
    return greeting;
  }

  /// The reply to the request with that id, whatever it says.
  private static Optional<ObjectNode> reply(String json, int id) {
    try {
      return Json.tree(json.getBytes(StandardCharsets.UTF_8)) instanceof ObjectNode message
              && message.path("id").isInt()
              && message.path("id").intValue() == id
              && !message.has("method")
          ? Optional.of(message)
          : Optional.empty();
    } catch (UncheckedIOException e) {
      return Optional.empty();
    }
  }
}
