/** Notices as Slack messages, through an incoming webhook. */
@NullMarked
package dev.upkeep.notifier.channel.slack;

import org.jspecify.annotations.NullMarked;
