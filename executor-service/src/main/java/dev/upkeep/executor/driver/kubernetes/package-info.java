/** Drives components that are workloads of a Kubernetes cluster. */
@NullMarked
package dev.upkeep.executor.driver.kubernetes;

import org.jspecify.annotations.NullMarked;
