package io.steward.helm;

import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanSerializerBuilder;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.Serial;
import java.util.ArrayList;
import java.util.List;

/// What the kinds of Kubernetes look like, by the models of its Java client.
final class Models {
  private final KubernetesSerialization serialization = new KubernetesSerialization();
  private final ObjectMapper strict = new ObjectMapper();

  Models() {
    strict.registerModule(new SimpleModule().setSerializerModifier(new WithoutTheRest()));
  }

  /// Paths of fields that the kind of `object` does not have; empty for kinds nobody here knows.
  List<String> unknownFields(JsonNode object) {
    KubernetesResource model = serialization.unmarshal(object.toString(), KubernetesResource.class);
    List<String> unknown = new ArrayList<>();
    if (!(model instanceof GenericKubernetesResource)) {
      compare(
          object,
          strict.valueToTree(model),
          object.path("kind").asText() + "/" + object.at("/metadata/name").asText(),
          unknown);
    }
    return unknown;
  }

  /// What is empty may be left out by a model; everything else must come back.
  private static void compare(JsonNode sent, JsonNode known, String path, List<String> unknown) {
    sent.properties()
        .forEach(entry -> {
          String below = path + "/" + entry.getKey();
          JsonNode there = known.path(entry.getKey());
          boolean empty = entry.getValue().isContainerNode() && entry.getValue().isEmpty();
          if (!there.isMissingNode()) {
            compare(entry.getValue(), there, below, unknown);
          } else if (!empty && !entry.getValue().isNull()) {
            unknown.add(below);
          }
        });
    for (int index = 0; sent.isArray() && index < sent.size(); index++) {
      compare(sent.get(index), known.path(index), path + "/" + index, unknown);
    }
  }

  /// Models keep fields they do not know beside the others; those are not written.
  private static final class WithoutTheRest extends BeanSerializerModifier {
    @Serial private static final long serialVersionUID = 1L;

    @Override
    public BeanSerializerBuilder updateBuilder(
        SerializationConfig config, BeanDescription description, BeanSerializerBuilder builder) {
      if (KubernetesResource.class.isAssignableFrom(description.getBeanClass())) {
        builder.setAnyGetter(null);
      }
      return builder;
    }
  }
}
