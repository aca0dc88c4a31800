package dev.upkeep.executor.driver.helm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ManifestTest {
    @Test
    void tellsWhichKeysOfASecretChangeAndNeverWhatTheyHold() {
        Manifest before = Manifest.of("""
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: keys}
                data: {same: aaaa, other: bbbb, gone: cccc}
                """);
        Manifest after = Manifest.of("""
                apiVersion: v1
                kind: Secret
                metadata: {name: keys}
                data: {same: aaaa, other: dddd}
                stringData: {come: eeee}
                """);

        String changes = before.changesTo(after);

        assertThat(changes)
                .startsWith("~ Secret keys")
                .contains("other: ", "gone: ", "come: ")
                .doesNotContain("same: ")
                .doesNotContain("aaaa", "bbbb", "cccc", "dddd", "eeee");
    }

    @Test
    void leavesHooksOutAndTellsWhatComesAndGoes() {
        Manifest before = Manifest.of("""
                # Source: a comment alone
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: old}
                """);
        Manifest after = Manifest.of("""
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: new}
                ---
                apiVersion: batch/v1
                kind: Job
                metadata: {name: hook, annotations: {helm.sh/hook: pre-upgrade}}
                """);

        assertThat(before.changesTo(after))
                .contains("+ ConfigMap new", "- ConfigMap old")
                .doesNotContain("hook");
        assertThat(after.changesTo(after)).isEmpty();
    }
}
