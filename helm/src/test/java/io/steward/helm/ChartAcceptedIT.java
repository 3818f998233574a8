package io.steward.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A real API server takes every object of every set of values, without keeping it.
@Timeout(180)
class ChartAcceptedIT {
  @Test
  void an_api_server_accepts_every_object() {
    try (Cluster cluster = Cluster.orSkip("ChartAcceptedIT")) {
      String namespace = "steward-accepted-" + UUID.randomUUID().toString().substring(0, 8);
      List<String> refused = new ArrayList<>();
      int sent = 0;
      cluster.createNamespace(namespace);
      try {
        for (ValueSet values : ValueSet.values()) {
          for (JsonNode object : values.objects(cluster.version().substring(1))) {
            if (cluster.client().hasApiGroup(group(object), true)) {
              sent++;
              send(cluster.client(), object, namespace, refused);
            }
          }
        }
      } finally {
        cluster.removeNamespace(namespace);
      }

      assertEquals(List.of(), refused);
      assertTrue(sent > 100, () -> "few objects were sent");
    }
  }

  private static String group(JsonNode object) {
    String version = object.path("apiVersion").asText();
    return version.contains("/") ? version.substring(0, version.indexOf('/')) : "";
  }

  private static void send(
      KubernetesClient client, JsonNode object, String namespace, List<String> refused) {
    GenericKubernetesResource resource =
        new KubernetesSerialization().unmarshal(object.toString(), GenericKubernetesResource.class);
    boolean namespaced = resource.getMetadata().getNamespace() != null;
    resource.getMetadata().setName("dry-" + resource.getMetadata().getName());
    if (namespaced) {
      resource.getMetadata().setNamespace(namespace);
    }
    try {
      if (namespaced) {
        client.resource(resource).inNamespace(namespace).dryRun(true).create();
      } else {
        client.resource(resource).dryRun(true).create();
      }
    } catch (KubernetesClientException e) {
      refused.add(
          resource.getKind() + " " + resource.getMetadata().getName() + ": " + e.getMessage());
    }
  }
}
