package io.steward.devbox.proxy;

import io.steward.devbox.program.Service;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Whether each part is ready now: the two stores as their supervisor sees them, the services as
/// they say themselves.
public final class Readiness {
  private static final long ANSWER_MS_MAX = 2_000;
  private static final String PATH = "/q/health/ready";

  private final HttpClient client;
  private final Upstreams upstreams;
  private final Map<String, BooleanSupplier> stores;

  /// @param stores by name, in the order in which they are reported
  public Readiness(Vertx vertx, Upstreams upstreams, Map<String, BooleanSupplier> stores) {
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout((int) ANSWER_MS_MAX),
            new PoolOptions().setHttp1MaxSize(4));
    this.upstreams = upstreams;
    this.stores = new LinkedHashMap<>(stores);
  }

  /// Part to readiness, of all parts. Never fails.
  public Future<Map<String, Boolean>> ask() {
    Map<String, Boolean> all = new LinkedHashMap<>();
    stores.forEach((name, ready) -> all.put(name, ready.getAsBoolean()));
    List<Future<Boolean>> asked = List.of(Service.values()).stream().map(this::isReady).toList();
    return Future.all(asked)
        .map(_ -> {
          for (Service service : Service.values()) {
            all.put(service.wireName(), asked.get(service.ordinal()).result());
          }
          return all;
        });
  }

  private Future<Boolean> isReady(Service service) {
    return client
        .request(HttpMethod.GET, upstreams.port(service).number(), "127.0.0.1", PATH)
        .compose(request -> request.send())
        .map(response -> response.statusCode() == 200)
        .timeout(ANSWER_MS_MAX, TimeUnit.MILLISECONDS)
        .otherwise(false);
  }
}
