// The dialog is over: the page around it goes back to the course, where the new activity is.
window.top.location.href = document.getElementById("main").dataset.course;
