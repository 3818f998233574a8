package io.steward.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Preconditions;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.jboss.logging.Logger;

/// Deletes pods at once: nothing in them has to be asked to end. And what pods are held by: they go
/// with it. Only the very object that is meant, never another one that got its name. Safe from any
/// thread.
final class PodRemoval {
  private static final Logger LOG = Logger.getLogger(PodRemoval.class);
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final KubernetesClient client;

  PodRemoval(KubernetesClient client) {
    this.client = client;
  }

  /// Deletes a pod whatever became of it meanwhile. What fails is left to reconciliation.
  ///
  /// @return whether it goes, or is gone
  boolean remove(HasMetadata pod) {
    return remove(pod, new Preconditions(null, pod.getMetadata().getUid()));
  }

  /// Deletes a pod unless it changed since it was read: somebody may have taken it.
  ///
  /// @return whether it goes, or is gone
  boolean removeUnchanged(HasMetadata pod) {
    ObjectMeta about = pod.getMetadata();
    return remove(pod, new Preconditions(about.getResourceVersion(), about.getUid()));
  }

  private boolean remove(HasMetadata pod, Preconditions preconditions) {
    ObjectMeta about = pod.getMetadata();
    DeleteOptions options = new DeleteOptions();
    options.setApiVersion("v1");
    options.setKind("DeleteOptions");
    if (pod instanceof Pod) {
      options.setGracePeriodSeconds(0L);
    }
    if (about.getUid() != null) {
      options.setPreconditions(preconditions);
    }
    String kind = pod instanceof Pod ? "/api/v1/" : AgentApi.path(pod.getKind());
    String plural = pod instanceof Pod ? "pods" : AgentApi.plural(pod.getKind());
    try {
      client.raw(
          kind + "namespaces/" + about.getNamespace() + "/" + plural + "/" + about.getName(),
          "DELETE",
          options);
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == NOT_FOUND) {
        return true;
      }
      if (e.getCode() != CONFLICT) {
        LOG.warnf(
            "%s could not be deleted and is left to reconciliation pod=%s: %s",
            pod.getKind(), about.getName(), e.getMessage());
      }
      return false;
    }
  }
}
