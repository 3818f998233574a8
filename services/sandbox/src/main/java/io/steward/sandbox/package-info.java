/// The sandbox service: gives tools a place to run. Records of `sandbox-commands` come in
/// (`topic`), become calls that run at most once (`call`, `journal`), and are performed by tools
/// (`tool`) in sandboxes (`driver`, in pods `kubernetes`), which show what came from outside
/// (`mount`) and whose outputs become files (`output`).
@NullMarked
package io.steward.sandbox;

import org.jspecify.annotations.NullMarked;
