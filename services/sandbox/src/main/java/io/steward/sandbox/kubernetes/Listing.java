package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.dsl.Listable;
import java.util.ArrayList;
import java.util.List;

/// Reads lists of objects of the cluster page by page.
final class Listing {
  /// Objects in one answer of the API server.
  private static final long PAGE_MAX = 200;

  /// Objects that are looked at in one round; the rest waits for the next rounds.
  private static final int LOOKED_AT_MAX = 20_000;

  private Listing() {}

  static <T extends HasMetadata> List<T> all(
      Listable<? extends KubernetesResourceList<T>> objects) {
    List<T> all = new ArrayList<>();
    String next = null;
    do {
      KubernetesResourceList<T> page =
          objects.list(new ListOptionsBuilder().withLimit(PAGE_MAX).withContinue(next).build());
      all.addAll(page.getItems());
      next = page.getMetadata().getContinue();
    } while (next != null && !next.isEmpty() && all.size() < LOOKED_AT_MAX);
    return all;
  }
}
