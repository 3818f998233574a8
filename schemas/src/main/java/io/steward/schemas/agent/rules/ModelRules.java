package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.ModelConfig;
import io.steward.schemas.agent.ModelConfig.Effort;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules of `model`: a name, or an object. Source: contract/core.md §2.5.
final class ModelRules {
  private static final int ID_CHARS_MAX = 256;
  private static final List<String> EFFORTS = List.of("low", "medium", "high", "xhigh", "max");
  private static final Effort DEFAULT_EFFORT = new Effort("high");
  private static final List<String> GEOS = List.of("us", "global");
  private static final List<String> SPEEDS = List.of("standard", "fast");

  private ModelRules() {}

  /// The model a request asks for.
  ///
  /// @param owner the object whose field `model` is read; it must be there
  /// @param stored the model so far: its effort is kept when the same model is sent without one
  static ModelConfig required(Fields owner, @Nullable ModelConfig stored) {
    JsonNode value = owner.value("model");
    if (value == null) {
      throw owner.refusal("model", "must be the name of a model or an object with `id`");
    }
    if (value.isTextual()) {
      String id = owner.requiredText("model", 1, ID_CHARS_MAX);
      return new ModelConfig(id, keptEffort(id, stored), null, "standard");
    }
    if (!value.isObject()) {
      throw owner.refusal("model", "must be the name of a model or an object with `id`");
    }
    Fields model = owner.requiredObject("model");
    String id = model.requiredText("id", 1, ID_CHARS_MAX);
    Effort effort = model.has("effort") ? effort(model) : keptEffort(id, stored);
    String geo = model.choice("inference_geo", GEOS);
    String speed = model.choice("speed", SPEEDS);
    return new ModelConfig(id, effort, geo, speed == null ? "standard" : speed);
  }

  /// The same model with the effort it has when none is asked for.
  static ModelConfig withDefaultEffort(ModelConfig model) {
    return new ModelConfig(model.id(), DEFAULT_EFFORT, model.inferenceGeo(), model.speed());
  }

  private static Effort keptEffort(String id, @Nullable ModelConfig stored) {
    return stored != null && stored.id().equals(id) ? stored.effort() : DEFAULT_EFFORT;
  }

  private static Effort effort(Fields model) {
    JsonNode value = model.value("effort");
    if (value == null) {
      return DEFAULT_EFFORT;
    }
    return new Effort(
        value.isObject()
            ? model.requiredObject("effort").requiredChoice("type", EFFORTS)
            : model.requiredChoice("effort", EFFORTS));
  }
}
