package io.steward.simulation;

import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.event.SessionEvent.ClientEvent;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.session.Phase;
import io.steward.schemas.session.Session;
import io.steward.schemas.session.ToolCall;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The user of one session: sends, interrupts, answers, and tries again when nothing was heard.
final class Client {
  private static final Duration PATIENCE = Duration.ofMillis(700);
  private static final int THINKING_MILLIS_MAX = 250;
  private static final int WAITING_MAX = 3;
  private static final int ATTEMPTS_MAX = 3;

  private final World world;
  private final SessionId session;

  Client(World world, Node node, SessionId session) {
    this.world = world;
    this.session = session;
    node.spawn("client", this::use);
  }

  private void use() {
    RandomGenerator random = world.schedule().random();
    while (true) {
      world.schedule().sleep(Duration.ofMillis(random.nextInt(THINKING_MILLIS_MAX)));
      Optional<SessionLogInstance> replica = world.anySessionLog();
      if (replica.isPresent()) {
        next(replica.get().known(session), random).ifPresent(this::insist);
      }
    }
  }

  /// In calm, only what is asked for is answered.
  private Optional<ClientEvent> next(Session known, RandomGenerator random) {
    Optional<ClientEvent> answer = answer(known, random);
    int dice = random.nextInt(8);
    if (world.isCalm()) {
      return answer;
    }
    return switch (dice) {
      case 0 -> Optional.of(new SessionEvent.UserInterrupt(world.id("sevt_"), null, null));
      case 1, 2, 3 ->
          waiting(known) < WAITING_MAX
              ? Optional.of(new SessionEvent.UserMessage(world.id("sevt_"), text("m"), null))
              : answer;
      case 4 -> Optional.empty();
      default -> answer;
    };
  }

  private static int waiting(Session known) {
    return known.known().map(facts -> facts.inbox().events().size()).orElse(0);
  }

  private static Optional<ClientEvent> answer(Session known, RandomGenerator random) {
    for (ToolCall call : calls(known)) {
      if (call.state() == ToolCall.State.AWAITING_CONFIRMATION) {
        SessionEvent.Verdict verdict =
            random.nextBoolean() ? SessionEvent.Verdict.ALLOW : SessionEvent.Verdict.DENY;
        return Optional.of(
            new SessionEvent.UserToolConfirmation(
                id(call, "user.tool_confirmation"), call.id(), verdict, null, null));
      }
      if (call.state() == ToolCall.State.AWAITING_CLIENT) {
        Instant time = known.known().orElseThrow().lastEventAt();
        return Optional.of(
            new SessionEvent.UserCustomToolResult(
                id(call, "user.custom_tool_result"), call.id(), text("rain"), null, time));
      }
    }
    return Optional.empty();
  }

  private static List<ToolCall> calls(Session known) {
    return switch (known) {
      case Session.Idle idle -> idle.calls();
      case Session.Running running when running.phase() instanceof Phase.ToolsOpen open ->
          open.calls();
      default -> List.of();
    };
  }

  /// The id session-log gives to every copy of an answer.
  private static String id(ToolCall call, String type) {
    return Ids.derived("sevt_", call.id() + type);
  }

  private void insist(ClientEvent event) {
    ClientEvent sent = event;
    for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      ClientRequest request = new ClientRequest(session, List.of(sent));
      world.anySessionLog().ifPresent(replica -> replica.send(request));
      world.schedule().await(() -> request.reply() != ClientRequest.Reply.NONE, PATIENCE);
      if (request.reply() == ClientRequest.Reply.ACCEPTED) {
        world.truth().accepted(session, sent);
        return;
      }
      if (request.reply() == ClientRequest.Reply.REFUSED) {
        return;
      }
      sent = again(sent);
    }
  }

  /// A repeated message is another message; a repeated answer is the same.
  private ClientEvent again(ClientEvent event) {
    return event instanceof SessionEvent.UserMessage message
        ? new SessionEvent.UserMessage(world.id("sevt_"), message.content(), null)
        : event instanceof SessionEvent.UserInterrupt
            ? new SessionEvent.UserInterrupt(world.id("sevt_"), null, null)
            : event;
  }

  private static List<ContentBlock> text(String text) {
    return List.of(new ContentBlock.Text(text));
  }
}
