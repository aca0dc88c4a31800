package dev.upkeep.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a field of a Quarkus test that {@link Parts} fills: a {@link Database} (the application's own), a
 * {@link PostgresPart} or a {@link KafkaPart}.
 */
@Documented
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Part {}
