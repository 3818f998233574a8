package io.steward.harness.model.provider;

import io.steward.harness.decide.IdSource;
import io.steward.harness.decide.ModelFailure;
import io.steward.harness.decide.ModelOutcome;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.ReplyListener;
import io.steward.harness.model.content.Requests;
import io.steward.harness.request.ModelRequest;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.model.CatalogModel;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.model.Provider;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Asks the provider that the catalog names for a request's model. A provider's client is made when
/// it is first asked, and not more than a limit of requests runs at each at once, first come first
/// served, so that a slow provider holds up nobody else's requests.
public final class CatalogModelClient implements ModelClient {
  private static final Logger LOG = Logger.getLogger(CatalogModelClient.class);

  private final ModelCatalog catalog;
  private final ProviderAccess access;
  private final int callsMax;
  private final IdSource ids;
  private final Function<ModelClient, ModelClient> around;
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

  /// A provider's client and its limit.
  private record Lane(ModelClient client, Semaphore permits) {}

  /// @param callsMax requests of this instance that run at one provider at once
  /// @param around what each provider's client is wrapped in; it runs within the limit
  public CatalogModelClient(
      ModelCatalog catalog,
      ProviderAccess access,
      int callsMax,
      IdSource ids,
      Function<ModelClient, ModelClient> around) {
    if (callsMax < 1) {
      throw new IllegalArgumentException(
          "steward.model.calls-max is " + callsMax + "; it must be at least 1");
    }
    this.catalog = catalog;
    this.access = access;
    this.callsMax = callsMax;
    this.ids = ids;
    this.around = around;
  }

  /// What keeps providers of the catalog from being asked, a sentence for each.
  public List<String> problems() {
    return new TreeSet<>(catalog.providers().keySet())
        .stream()
            .map(name -> access.of(name, provider(name)))
            .flatMap(found ->
                found instanceof ProviderAccess.Access.Missing(String sentence)
                    ? Stream.of(sentence)
                    : Stream.empty())
            .toList();
  }

  /// Requests at all providers together.
  public int running() {
    return lanes.values().stream()
        .mapToInt(lane -> callsMax - lane.permits.availablePermits())
        .sum();
  }

  /// Requests that wait until one of their provider's ends.
  public int waiting() {
    return lanes.values().stream().mapToInt(lane -> lane.permits.getQueueLength()).sum();
  }

  @Override
  public ModelOutcome ask(ModelRequest request, ReplyListener previews) {
    CatalogModel model = catalog.find(request.model()).orElse(null);
    if (model == null) {
      return refused("No provider serves the model `" + request.model() + "`.");
    }
    Lane lane;
    try {
      lane = lane(model.provider());
    } catch (IOException e) {
      return refused(String.valueOf(e.getMessage()));
    }
    try {
      lane.permits.acquire();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return failed(ModelFailure.Kind.UNAVAILABLE, "The model request was given up.");
    }
    previews.sent();
    try {
      return lane.client.ask(Requests.fitted(request, model), previews);
    } finally {
      lane.permits.release();
    }
  }

  @Override
  public void close() {
    lanes.values().forEach(lane -> lane.client.close());
  }

  private Lane lane(String name) throws IOException {
    Lane known = lanes.get(name);
    return known == null ? open(name) : known;
  }

  private synchronized Lane open(String name) throws IOException {
    Lane known = lanes.get(name);
    if (known != null) {
      return known;
    }
    Provider provider = provider(name);
    Lane lane =
        switch (access.of(name, provider)) {
          case ProviderAccess.Access.Missing(String sentence) -> throw new IOException(sentence);
          case ProviderAccess.Access.Granted granted ->
              new Lane(client(name, provider, granted), new Semaphore(callsMax, true));
        };
    lanes.put(name, lane);
    return lane;
  }

  private ModelClient client(String name, Provider provider, ProviderAccess.Access.Granted granted)
      throws IOException {
    try {
      return around.apply(ProviderClients.open(provider.kind(), granted.endpoint(), ids));
    } catch (IOException | RuntimeException e) {
      LOG.warnf(
          "The client of the model provider %s could not be made: %s",
          name, granted.endpoint().masked(e.toString()));
      throw new IOException("The model provider `" + name + "` cannot be used as configured.", e);
    }
  }

  private Provider provider(String name) {
    Provider provider = catalog.providers().get(name);
    if (provider == null) {
      throw new IllegalStateException("the catalog names no provider " + name);
    }
    return provider;
  }

  private static ModelOutcome refused(String sentence) {
    return failed(ModelFailure.Kind.REFUSED, sentence);
  }

  private static ModelOutcome failed(ModelFailure.Kind kind, String message) {
    return new ModelOutcome.Failed(ModelFailure.of(kind, message), RequestUsage.NONE);
  }
}
