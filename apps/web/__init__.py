"""The Gradio page: a conversation about images, and a look inside the model that answered."""
