package io.steward.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ReplyListener;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.preview.PreviewFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A model that says and calls what the seed wants, and shows its text while it comes.
final class ScriptedModel implements ModelClient {
  private static final List<String> TOOLS = List.of("bash", "bash", "read", "weather", "nuke");
  private static final int FRAMES_MAX = 4;
  private static final int MOMENTS_MAX = 10;

  private final World world;

  ScriptedModel(World world) {
    this.world = world;
  }

  @Override
  public ModelOutcome ask(ModelRequest request, ReplyListener previews) {
    world.truth().asked(request);
    RandomGenerator random = world.schedule().random();
    for (int left = random.nextInt(MOMENTS_MAX); left > 0; left--) {
      world.pause();
    }
    RequestUsage usage = new RequestUsage(random.nextInt(100), random.nextInt(100), 0, 0);
    int dice = random.nextInt(world.isCalm() ? 8 : 11);
    return switch (dice) {
      case 8 -> failed(ModelFailure.Kind.OVERLOADED);
      case 9 -> failed(ModelFailure.Kind.REFUSED);
      case 10 -> failed(ModelFailure.Kind.CONTEXT_EXCEEDED);
      case 0 -> new ModelOutcome.Replied(List.of(), Map.of(), "refusal", null, usage, Map.of());
      case 1, 2, 3 -> calls(usage);
      default -> text(previews, usage);
    };
  }

  private static ModelOutcome failed(ModelFailure.Kind kind) {
    return new ModelOutcome.Failed(ModelFailure.of(kind, "As the seed wants."), RequestUsage.NONE);
  }

  private ModelOutcome calls(RequestUsage usage) {
    RandomGenerator random = world.schedule().random();
    List<JsonNode> calls = new ArrayList<>();
    for (int left = 1 + random.nextInt(3); left > 0; left--) {
      ObjectNode call = JsonNodeFactory.instance.objectNode();
      call.put("type", "tool_use").put("id", world.id("toolu_"));
      call.put("name", TOOLS.get(random.nextInt(TOOLS.size()))).putObject("input");
      calls.add(call);
    }
    return new ModelOutcome.Replied(calls, Map.of(), "tool_use", null, usage, Map.of());
  }

  private ModelOutcome text(Consumer<PreviewFrame> previews, RequestUsage usage) {
    String message = world.id("sevt_");
    previews.accept(
        new PreviewFrame.EventStart(new PreviewFrame.Announced("agent.message", message)));
    for (int left = world.schedule().random().nextInt(FRAMES_MAX); left > 0; left--) {
      world.pause();
      previews.accept(new PreviewFrame.EventDelta(message, PreviewFrame.Delta.of("o", 0)));
    }
    world.pause();
    JsonNode text = JsonNodeFactory.instance.objectNode().put("type", "text").put("text", "ok");
    return new ModelOutcome.Replied(
        List.of(text), Map.of(0, message), "end_turn", null, usage, Map.of());
  }
}
