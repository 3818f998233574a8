package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What our pods are labelled with, and other objects that say whose a pod is. All ids are fit to
/// be values of labels as they are.
final class PodLabels {
  static final String NAME = "app.kubernetes.io/name";
  static final String INSTALLATION = "app.kubernetes.io/instance";
  static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  static final String PART_OF = "app.kubernetes.io/part-of";

  /// `pool` while a pod waits for a session, then `session` for ever.
  static final String ROLE = "steward.io/role";

  /// The instance of the sandbox service that uses the pod, or made it for the pool.
  static final String INSTANCE = "steward.io/instance";

  static final String SESSION = "steward.io/session";
  static final String INCARNATION = "steward.io/incarnation";

  /// Hash of all that shapes a pod: pods of one shape can stand for each other.
  static final String SHAPE = "steward.io/shape";

  /// Annotation: when a pod of the pool was taken, ISO 8601.
  static final String CLAIMED_AT = "steward.io/claimed-at";

  /// Annotation of a claim: the very pod that was given for it. Another one of that name is not it.
  static final String POD_UID = "steward.io/pod-uid";

  static final String POOL = "pool";
  static final String IN_SESSION = "session";

  private static final String OUR_NAME = "steward-sandbox";
  private static final String STEWARD = "steward";

  private PodLabels() {}

  /// Selects all pods of an installation.
  static Map<String, String> ofInstallation(String installation) {
    return Map.of(NAME, OUR_NAME, INSTALLATION, installation);
  }

  /// Labels of a pod that waits.
  static Map<String, String> ofPool(String installation, String instance, String shape) {
    Map<String, String> labels = common(installation, instance, shape);
    labels.put(ROLE, POOL);
    return labels;
  }

  /// Labels of a pod of which another object says whose it is.
  static Map<String, String> ofTemplate(String installation, String shape) {
    Map<String, String> labels = new LinkedHashMap<>(ofInstallation(installation));
    labels.put(MANAGED_BY, STEWARD);
    labels.put(PART_OF, STEWARD);
    labels.put(SHAPE, shape);
    return labels;
  }

  /// Labels of a pod that is a session's.
  static Map<String, String> ofSession(String installation, Use use, String shape) {
    Map<String, String> labels = common(installation, use.instance(), shape);
    labels.put(ROLE, IN_SESSION);
    labels.put(SESSION, use.session());
    labels.put(INCARNATION, use.incarnation());
    return labels;
  }

  /// Who uses a pod for what.
  record Use(String instance, String session, String incarnation) {}

  private static Map<String, String> common(String installation, String instance, String shape) {
    Map<String, String> labels = ofTemplate(installation, shape);
    labels.put(INSTANCE, instance);
    return labels;
  }

  static Optional<String> value(HasMetadata object, String label) {
    Map<String, String> labels = object.getMetadata().getLabels();
    return Optional.ofNullable(labels == null ? null : labels.get(label));
  }

  static Optional<String> annotation(HasMetadata object, String name) {
    Map<String, String> annotations = object.getMetadata().getAnnotations();
    return Optional.ofNullable(annotations == null ? null : annotations.get(name));
  }

  static boolean isPool(HasMetadata object) {
    return value(object, ROLE).filter(POOL::equals).isPresent();
  }
}
