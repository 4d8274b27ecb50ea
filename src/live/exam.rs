//! The guided exam: which task is shown when, and the protocol that comes of it.

use serde::Serialize;

use crate::event::{Protocol, Segment, Task};

/// Time to read the next task before it counts, seconds (judgment).
const READY_S: f64 = 4.0;

/// One task of the exam.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct ExamTask {
    /// What is asked for.
    pub(super) task: Task,
    /// How long, seconds.
    pub(super) seconds: f64,
    /// What the subject reads.
    pub(super) words: &'static str,
}

/// The tasks in order, after the exam this project proposes: a minute of rest, each movement three
/// times, rest after the forced closing, reading aloud.
pub(super) const TASKS: [ExamTask; 11] = {
    const fn task(task: Task, seconds: f64, words: &'static str) -> ExamTask {
        ExamTask { task, seconds, words }
    }
    [
        task(Task::Rest, 60.0, "Sit still and look at the camera. Blink as you like."),
        task(Task::GentleClose, 12.0, "Close your eyes gently and open them. Three times."),
        task(Task::ForcedClose, 18.0, "Squeeze your eyes shut for three seconds. Three times."),
        task(Task::Rest, 10.0, "Rest and look at the camera."),
        task(Task::BrowRaise, 12.0, "Raise your brows and let go. Three times."),
        task(Task::Smile, 12.0, "Smile showing your teeth and let go. Three times."),
        task(Task::Pucker, 12.0, "Purse your lips and let go. Three times."),
        task(Task::Snarl, 12.0, "Wrinkle your nose and let go. Three times."),
        task(Task::JawOpen, 12.0, "Open your mouth wide and close it. Three times."),
        task(Task::Clench, 12.0, "Clench your teeth and let go. Three times."),
        task(Task::ReadAloud, 20.0, "Read aloud whatever lies before you."),
    ]
};

/// What the exam shows now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct ExamView {
    /// Number of the task, from 0.
    pub(super) number: usize,
    /// Number of tasks.
    pub(super) of: usize,
    /// The task.
    #[serde(flatten)]
    pub(super) task: ExamTask,
    /// The task has begun; before, it is announced.
    pub(super) begun: bool,
    /// Time left of the announcement or the task, seconds.
    pub(super) left_s: f64,
}

/// Runs through the tasks in session time and notes when each was on.
#[derive(Debug, Default)]
pub(super) struct Exam {
    running: Option<Running>,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, Copy)]
struct Running {
    number: usize,
    /// The task counts from here.
    start_s: f64,
}

impl Running {
    fn task(self) -> ExamTask {
        TASKS[self.number]
    }

    fn end_s(self) -> f64 {
        self.start_s + self.task().seconds
    }
}

impl Exam {
    /// Announces the first task; an exam that runs is left as it is.
    pub(super) fn start(&mut self, now_s: f64) {
        if self.running.is_none() {
            self.announce(0, now_s);
        }
    }

    /// Ends the task that is on and announces the next.
    pub(super) fn next(&mut self, now_s: f64) {
        if let Some(running) = self.running {
            self.note(now_s);
            self.announce(running.number + 1, now_s);
        }
    }

    /// Ends the exam where it is.
    pub(super) fn end(&mut self, now_s: f64) {
        self.note(now_s);
        self.running = None;
    }

    /// The session's time moved on; `true` where a task ended.
    pub(super) fn tick(&mut self, now_s: f64) -> bool {
        match self.running {
            Some(running) if now_s >= running.end_s() => {
                self.next(now_s);
                true
            }
            _ => false,
        }
    }

    /// What to show, if an exam is on.
    #[must_use]
    pub(super) fn view(&self, now_s: f64) -> Option<ExamView> {
        let running = self.running?;
        let begun = now_s >= running.start_s;
        let until_s = if begun { running.end_s() } else { running.start_s };
        Some(ExamView {
            number: running.number,
            of: TASKS.len(),
            task: running.task(),
            begun,
            left_s: (until_s - now_s).max(0.0),
        })
    }

    /// The tasks that were shown until now; `None` where there was no exam.
    #[must_use]
    pub(super) fn protocol(&self) -> Option<Protocol> {
        (!self.segments.is_empty()).then(|| Protocol { segments: self.segments.clone() })
    }

    /// Whether the subject was asked to move at a moment.
    #[must_use]
    pub(super) fn asks_to_move(&self, time_s: f64) -> bool {
        let running = self.running.filter(|r| (r.start_s..r.end_s()).contains(&time_s));
        let noted = |segment: &&Segment| (segment.start_s..segment.end_s).contains(&time_s);
        let task = running
            .map(|running| running.task().task)
            .or_else(|| self.segments.iter().find(noted).map(|segment| segment.task));
        task.is_some_and(Task::moves)
    }

    fn announce(&mut self, number: usize, now_s: f64) {
        self.running =
            (number < TASKS.len()).then_some(Running { number, start_s: now_s + READY_S });
    }

    /// Notes the task that is on, as far as it went.
    fn note(&mut self, now_s: f64) {
        if let Some(running) = self.running
            && now_s > running.start_s
        {
            self.segments.push(Segment {
                start_s: running.start_s,
                end_s: now_s.min(running.end_s()),
                task: running.task().task,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_exam_makes_a_protocol_that_reads_back() {
        let mut exam = Exam::default();
        exam.start(5.0);
        let mut now = 5.0;
        while exam.view(now).is_some() {
            now += 1.0 / 30.0;
            exam.tick(now);
        }
        let protocol = exam.protocol().unwrap();
        let tasks: Vec<Task> = protocol.segments.iter().map(|segment| segment.task).collect();
        assert_eq!(tasks, TASKS.map(|task| task.task));
        let text = serde_json::to_string(&protocol).unwrap();
        assert_eq!(Protocol::parse(&text).unwrap(), protocol);
        let first = &protocol.segments[0];
        assert!((first.start_s - 5.0 - READY_S).abs() < 1e-9);
        assert!((first.end_s - first.start_s - 60.0).abs() < 1e-9);
    }

    #[test]
    fn a_task_cut_short_is_noted_as_far_as_it_went_and_an_announced_one_not_at_all() {
        let mut exam = Exam::default();
        exam.start(0.0);
        exam.next(READY_S + 10.0);
        exam.end(READY_S + 10.0 + READY_S / 2.0);
        let protocol = exam.protocol().unwrap();
        assert_eq!(protocol.segments.len(), 1);
        assert!((protocol.segments[0].end_s - READY_S - 10.0).abs() < 1e-9);
        assert!(exam.view(50.0).is_none());
    }

    #[test]
    fn the_countdown_announces_first_and_then_counts_the_task() {
        let mut exam = Exam::default();
        assert!(exam.view(0.0).is_none());
        exam.start(0.0);
        let announced = exam.view(1.0).unwrap();
        assert!(!announced.begun && (announced.left_s - (READY_S - 1.0)).abs() < 1e-9);
        let begun = exam.view(READY_S + 1.0).unwrap();
        assert!(begun.begun && (begun.left_s - 59.0).abs() < 1e-9);
        assert!(exam.protocol().is_none());
    }
}
