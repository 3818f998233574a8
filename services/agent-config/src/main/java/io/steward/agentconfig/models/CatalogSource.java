package io.steward.agentconfig.models;

import io.quarkus.runtime.Startup;
import io.steward.agentconfig.Settings;
import io.steward.schemas.model.ModelCatalog;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jboss.logging.Logger;

/// Reads the catalog once, at start. A file that breaks a rule stops the service: half a catalog
/// would refuse agents that its operator believes to be served.
class CatalogSource {
  private static final Logger LOG = Logger.getLogger(CatalogSource.class);

  @Produces
  @Singleton
  @Startup
  ModelCatalog catalog(Settings settings) {
    try {
      ModelCatalog catalog = ModelCatalog.load(settings.models());
      LOG.infof(
          "%d models from %s",
          catalog.named().size(),
          settings.models().map(Object::toString).orElse("the shipped catalog"));
      return catalog;
    } catch (IOException e) {
      throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
    }
  }
}
