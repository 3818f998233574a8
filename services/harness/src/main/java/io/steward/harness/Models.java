package io.steward.harness;

import io.steward.harness.judge.Judge;
import io.steward.harness.judge.JudgeRules;
import io.steward.harness.judge.JudgingModelClient;
import io.steward.harness.judge.ModelJudge;
import io.steward.harness.metric.Metrics;
import io.steward.harness.model.ConnectionLimits;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.Secret;
import io.steward.harness.model.content.AttachmentLoader;
import io.steward.harness.model.content.FileBudget;
import io.steward.harness.model.provider.CatalogModelClient;
import io.steward.harness.model.provider.ProviderAccess;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.id.Ids;
import io.steward.schemas.model.ModelCatalog;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Puts the models together: providers of the catalog, files in requests, verdicts on calls.
final class Models {
  private static final Logger LOG = Logger.getLogger(Models.class);

  private Models() {}

  /// @throws IllegalStateException when the configured judge is no model of the catalog
  static ModelClient open(
      HarnessConfig config, ModelCatalog catalog, BlobStore blobs, Metrics metrics) {
    HarnessConfig.ModelAccess model = config.model();
    ConnectionLimits limits =
        new ConnectionLimits(
            model.connectTimeout(), model.idleTimeout(), model.totalTimeout(), model.callsMax());
    ProviderAccess access =
        new ProviderAccess(
            model.baseUrl(), model.apiKey().map(Secret::new), System::getenv, limits);
    FileBudget budget = new FileBudget(model.fileBytesMax(), model.filesHeldBytesMax());
    CatalogModelClient client =
        new CatalogModelClient(
            catalog,
            access,
            model.callsMax(),
            Ids::random,
            provider -> new AttachmentLoader(provider, blobs, budget));
    metrics.watchModelCalls(client::running, client::waiting);
    if (model.label().equals("demo")) {
      LOG.warn("THE DEMO MODEL ANSWERS: it only runs commands it is given");
    }
    client.problems().forEach(LOG::warn);
    return new JudgingModelClient(
        client, judge(config.judge(), catalog, client), config.judge().callsMax());
  }

  private static Judge judge(
      HarnessConfig.JudgeAccess config, ModelCatalog catalog, ModelClient client) {
    Optional<String> model = config.model();
    if (model.isEmpty()) {
      return new JudgeRules(config.inputCharsMax());
    }
    if (catalog.find(model.get()).isEmpty()) {
      throw new IllegalStateException(
          "steward.judge.model is " + model.get() + ", which is no model of the catalog");
    }
    return new ModelJudge(
        client, model.get(), config.timeout(), config.inputCharsMax(), Ids::random);
  }
}
