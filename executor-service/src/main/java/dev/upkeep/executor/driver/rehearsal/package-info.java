/** Steps that do nothing but are kept, leased and reported as any other: for benchmarks and for trying out procedures. */
@NullMarked
package dev.upkeep.executor.driver.rehearsal;

import org.jspecify.annotations.NullMarked;
