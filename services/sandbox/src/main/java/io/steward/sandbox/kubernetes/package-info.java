/// Sandboxes in pods of a Kubernetes cluster: what a pod is made of (`PodSpecs`), how it starts and
/// what can go wrong (`PodStarts`, `PodTrouble`), the streams into it (`PodConnection`), pods that
/// wait for sessions (`WarmPool`) and the removal of those nobody needs (`PodReconciliation`). Who
/// makes pods is a `Provisioner`: this service (`PlainPods`) or agent-sandbox (`AgentSandboxes`).
@NullMarked
package io.steward.sandbox.kubernetes;

import org.jspecify.annotations.NullMarked;
