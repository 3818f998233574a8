package io.steward.schemas.agent.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.schemas.agent.ModelConfig;
import io.steward.schemas.agent.ModelConfig.Effort;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.model.CatalogModel;
import io.steward.schemas.model.ModelCatalog;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The rules of `model`: a name, or an object. Every model begins with the effort `high`, which
/// stands for "what the model does unless told otherwise": it is accepted for all models, also for
/// those that take no effort. Source: contract/core.md §2.5.
final class ModelRules {
  private static final int ID_CHARS_MAX = 256;
  private static final Effort DEFAULT_EFFORT = new Effort("high");
  private static final List<String> GEOS = List.of("us", "global");
  private static final List<String> SPEEDS = List.of("standard", "fast");

  private ModelRules() {}

  /// The model a request asks for, if the catalog serves it so.
  ///
  /// @param owner the object whose field `model` is read; it must be there
  /// @param stored the model so far: its effort is kept when the same model is sent without one
  static ModelConfig served(Fields owner, @Nullable ModelConfig stored, ModelCatalog catalog) {
    ModelConfig model = required(owner, stored);
    boolean bare = owner.node().path("model").isTextual();
    String path = owner.path("model") + (bare ? "" : ".id");
    requireEffort(owner, model, requireServed(catalog, path, model.id()));
    return model;
  }

  /// The entry that serves a model.
  ///
  /// @param path of the field that names it
  static CatalogModel requireServed(ModelCatalog catalog, String path, String modelId) {
    Optional<CatalogModel> entry = catalog.find(modelId);
    if (entry.isEmpty()) {
      throw new ApiException(
          ApiError.invalid(
              ("`%s` is \"%s\", but no provider of this server serves that model; "
                      + "`GET /v1/models` lists the models there are.")
                  .formatted(path, Fields.shown(modelId))));
    }
    return entry.get();
  }

  private static void requireEffort(Fields owner, ModelConfig model, CatalogModel entry) {
    String effort = model.effort().type();
    if (model.effort().equals(DEFAULT_EFFORT) || entry.efforts().contains(effort)) {
      return;
    }
    String rule =
        entry.efforts().isEmpty()
            ? "takes no effort; leave it out"
            : "takes only " + String.join(", ", entry.efforts());
    throw new ApiException(
        ApiError.invalid(
            "`%s.effort` is \"%s\", but the model %s %s."
                .formatted(owner.path("model"), effort, Fields.shown(model.id()), rule)));
  }

  /// The model a request asks for, whoever serves it.
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
            ? model.requiredObject("effort").requiredChoice("type", CatalogModel.EFFORTS)
            : model.requiredChoice("effort", CatalogModel.EFFORTS));
  }
}
